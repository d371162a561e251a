import { StoreError } from '@tandemstore/core'
import type { StressOperation } from '../result.js'

/** Counts errors by operation and by code, and keeps one example of each code. */
export interface ErrorCount {
  add(operation: StressOperation, error: unknown): void
  of(operation: StressOperation): number
  readonly total: number
  readonly byCode: Readonly<Record<string, number>>
  /** `TIMEOUT, for instance of a put: …` */
  readonly examples: readonly string[]
}

export function countErrors(): ErrorCount {
  const byOperation = new Map<StressOperation, number>()
  const byCode = new Map<string, number>()
  const examples = new Map<string, string>()
  let total = 0
  return {
    add(operation, error) {
      const code = StoreError.isInstance(error) ? error.code : 'UNKNOWN'
      const message = error instanceof Error ? error.message : String(error)
      total += 1
      byOperation.set(operation, (byOperation.get(operation) ?? 0) + 1)
      byCode.set(code, (byCode.get(code) ?? 0) + 1)
      if (!examples.has(code)) examples.set(code, `${code}, for instance of a ${operation}: ${message}`)
    },
    of: (operation) => byOperation.get(operation) ?? 0,
    get total() {
      return total
    },
    get byCode() {
      return Object.fromEntries(byCode)
    },
    get examples() {
      return [...examples.values()]
    },
  }
}
