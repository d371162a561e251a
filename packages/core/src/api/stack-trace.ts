import { StoreError } from '../errors.js'

/**
 * Puts the frames of whoever awaits the running async function at the end of a StoreError's stack, unless they are
 * there. To be called in its `catch`. Errors of batches are made where nobody's call is on the stack, and one may be
 * the reason of several calls: each gets its own.
 */
export function withCaller(error: unknown): unknown {
  if (!(error instanceof StoreError) || error.constructor !== StoreError) return error
  const here: { stack?: unknown } = {}
  Error.captureStackTrace(here, withCaller)
  // The first two lines are a heading and the function that caught it.
  const lines = typeof here.stack === 'string' ? here.stack.split('\n').slice(2) : []
  const frames = lines.filter((line) => !line.includes('(node:internal/'))
  const [first] = frames
  if (first === undefined || typeof error.stack !== 'string' || error.stack.includes(placeOf(first))) return error
  const { code, message, stack } = error
  const own = new StoreError(code, message, 'cause' in error ? { cause: error.cause } : {})
  return Object.assign(own, error, { stack: [stack, ...frames].join('\n') })
}

/** File and line. The column is another where the call was made and where it is awaited. */
function placeOf(frame: string): string {
  return frame.replace(/^\s*at (?:async )?(?:.*\()?/, '').replace(/\d+\)?$/, '')
}
