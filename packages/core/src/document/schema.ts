import type { StandardSchemaV1 } from '@standard-schema/spec'
import { invalid } from '../errors.js'
import type { DocumentRef, MaybePromise } from '../ports/common.js'

/**
 * What a Standard Schema (https://standardschema.dev, version 1) makes of a value. INVALID_ARGUMENT with the first
 * issue and its place.
 */
export function validateBySchema(schema: StandardSchemaV1, value: unknown, ref: DocumentRef): MaybePromise<unknown> {
  const result = schema['~standard'].validate(value)
  return result instanceof Promise ? result.then((settled) => outputOf(settled, ref)) : outputOf(result, ref)
}

function outputOf(result: StandardSchemaV1.Result<unknown>, ref: DocumentRef): unknown {
  if (result.issues === undefined) return result.value
  const [issue] = result.issues
  const path = (issue?.path ?? []).map((step) => `.${String(typeof step === 'object' ? step.key : step)}`).join('')
  throw invalid(`value${path}`, `what the schema asks for: ${issue?.message ?? 'the value is not valid'}`, ref)
}
