import { describe, expect, it } from 'vitest'
import {
  aborted,
  faultOf,
  StoreError,
  type StoreErrorCode,
  type StoreErrorOptions,
  toStoreError,
} from '../src/errors.js'

const fault = (code: StoreErrorCode, options?: StoreErrorOptions) => faultOf(new StoreError(code, 'no', options))

describe('faultOf', () => {
  it('blames a document only where the error says that it is about one', () => {
    for (const code of ['EMBEDDING_FAILED', 'INDEX_FAILED', 'INVALID_ARGUMENT'] as const) {
      expect(fault(code)).toBe('document')
      expect(fault(code, { retryable: true })).toBe('transient')
      expect(fault(code, { setup: true })).toBe('setup')
    }
  })

  it('blames the set-up for what somebody has to mend', () => {
    for (const code of ['AUTHENTICATION', 'CONFIGURATION', 'MODEL_MISMATCH', 'NOT_SUPPORTED'] as const)
      expect(fault(code)).toBe('setup')
    // A closed adapter, a database that refuses: not the document's fault, and no waiting mends it.
    for (const code of ['CLOSED', 'KV_FAILED', 'CONFLICT'] as const) expect(fault(code)).toBe('setup')
  })

  it('agrees with `setup` for every error that says it by its code or by not being retryable', () => {
    for (const code of ['AUTHENTICATION', 'CONFIGURATION', 'MODEL_MISMATCH', 'NOT_SUPPORTED'] as const) {
      expect(new StoreError(code, 'no')).toMatchObject({ setup: true, retryable: false })
      expect(new StoreError(code, 'no', { retryable: true })).toMatchObject({ setup: false, retryable: true })
      expect(fault(code, { retryable: true })).toBe('transient')
      expect(JSON.parse(JSON.stringify(new StoreError(code, 'no')))).toMatchObject({ setup: true })
    }
    for (const code of ['RATE_LIMITED', 'UNAVAILABLE', 'TIMEOUT'] as const) {
      expect(new StoreError(code, 'no')).toMatchObject({ setup: false, retryable: true })
      expect(new StoreError(code, 'no', { retryable: false })).toMatchObject({ setup: true, retryable: false })
    }
    for (const code of ['EMBEDDING_FAILED', 'INDEX_FAILED', 'INVALID_ARGUMENT', 'CONFLICT', 'CLOSED'] as const)
      expect(new StoreError(code, 'no').setup).toBe(false)
  })

  it('blames nobody for what may pass', () => {
    for (const code of ['RATE_LIMITED', 'UNAVAILABLE', 'TIMEOUT'] as const) {
      expect(fault(code)).toBe('transient')
      // An empty account is a 429 that no waiting mends.
      expect(fault(code, { retryable: false })).toBe('setup')
      expect(fault(code, { setup: true })).toBe('setup')
    }
    expect(fault('KV_FAILED', { retryable: true })).toBe('transient')
    expect(faultOf(aborted(AbortSignal.abort()))).toBe('transient')
    expect(fault('CLOSED', { retryable: true })).toBe('setup')
  })

  it('reads errors of another copy of the package, which may be older', () => {
    const { setup: _, ...older } = new StoreError('UNAVAILABLE', 'gone')
    expect(faultOf(older as StoreError)).toBe('transient')
  })
})

describe('an error of the set-up', () => {
  it('is not retryable unless it says so, and says in JSON what it is', () => {
    const error = toStoreError(new Error('no space left'), 'KV_FAILED', 'The database failed', { setup: true })
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 'KV_FAILED', setup: true, retryable: false })
    expect(new StoreError('UNAVAILABLE', 'a web page', { setup: true }).retryable).toBe(false)
    expect(JSON.stringify(new StoreError('UNAVAILABLE', 'gone'))).not.toContain('setup')
  })
})
