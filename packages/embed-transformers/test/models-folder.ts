import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A folder of models: TANDEM_MODELS, or `shared/models` beside the repository. */
export const modelsFolder = process.env.TANDEM_MODELS ?? resolve(import.meta.dirname, '../../../../shared/models')
export const modelName = 'all-MiniLM-L6-v2'
export const hasModel = existsSync(join(modelsFolder, modelName, 'onnx/model_quantized.onnx'))

/** Why tests are skipped, and how to run them. */
export const skipped = `SKIPPED: the tests with a real model. There is no ${modelName} with onnx/model_quantized.onnx in ${modelsFolder}; set TANDEM_MODELS to a folder that has it.`
