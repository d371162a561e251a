import { connectionError } from '../adapter/connection-error.js'
import { serverWords } from '../adapter/server-words.js'
import { StoreError, type StoreErrorCode, toStoreError } from '../errors.js'
import { isUnsaid, markUnsaid } from './unsaid.js'

/** Letters of an adapter's message that are kept. Adapters keep fewer of what a server says. */
const MAX_MESSAGE = 600

/**
 * What a model's adapter threw for these texts, as a StoreError whose message shows none of them. A StoreError stays
 * what it is; a failed connection is UNAVAILABLE (or CONFIGURATION, where no waiting mends it) and a time-out TIMEOUT;
 * a call that it aborted without being asked to is UNAVAILABLE. Anything else is of the `code`, may be the texts'
 * fault, and is marked: see `isUnsaid`.
 */
export function toModelError(thrown: unknown, texts: readonly string[], who: string, code: StoreErrorCode): StoreError {
  const error = typed(thrown, who, code)
  const message = serverWords(error.message, texts, MAX_MESSAGE)
  if (message === error.message) return error
  const { cause, retryable, setup, retryAfterMs, field, namespace, key } = error
  const shown = new StoreError(error.code, message, { cause, retryable, setup, retryAfterMs, field, namespace, key })
  return isUnsaid(error) ? markUnsaid(shown) : shown
}

function typed(error: unknown, who: string, code: StoreErrorCode): StoreError {
  if (StoreError.isInstance(error) && error.code !== 'ABORTED') return error
  const name = error instanceof Error ? error.name : ''
  if (StoreError.isInstance(error) || name === 'AbortError')
    return new StoreError('UNAVAILABLE', `${who} ended the call by itself`, { cause: error })
  if (name === 'TimeoutError') return toStoreError(error, 'TIMEOUT', `${who} timed out`)
  return connectionError(error, who) ?? markUnsaid(toStoreError(error, code, `${who} failed`))
}
