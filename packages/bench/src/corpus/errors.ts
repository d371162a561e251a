import { StoreError } from '@tandemstore/core'

/** INVALID_ARGUMENT about one line of a file, which `field` names too, as `<file>:<line>`. */
export function brokenLine(file: string, line: number, problem: string): StoreError {
  const at = `${file}:${line}`
  return new StoreError('INVALID_ARGUMENT', `${at}: ${problem}`, { field: at })
}

/** CONFIGURATION: what was given as corpus cannot be one. */
export function noCorpus(problem: string, cause?: unknown): StoreError {
  return new StoreError('CONFIGURATION', problem, { field: 'corpus', ...(cause === undefined ? {} : { cause }) })
}
