import { transformers } from '@tandemstore/embed-transformers'
import { embedderSuite } from '@tandemstore/testkit'
import { describe } from 'vitest'
import { hasModel, modelName, modelsFolder, skipped } from './models-folder.js'

if (!hasModel) console.warn(skipped)

describe.skipIf(!hasModel)('transformers', () => {
  embedderSuite('all-MiniLM-L6-v2', async () => {
    const embedder = transformers({ model: modelName, localModelPath: modelsFolder, threads: 1 })
    return { embedder, cleanup: () => embedder.close() }
  })
  embedderSuite('all-MiniLM-L6-v2, with prefixes', async () => {
    const prefixes = { query: 'query: ', document: 'passage: ' }
    const embedder = transformers({ model: modelName, localModelPath: modelsFolder, threads: 1, prefixes })
    return { embedder, cleanup: () => embedder.close() }
  })
})
