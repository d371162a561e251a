import { StoreError } from '@tandemstore/core'

/** What `tandem-bench` ends with. After Ctrl-C it is 128 and the signal's number, as a shell has it. */
export const exitCodes = {
  ok: 0,
  /** Something failed: a corpus that cannot be read, a database that does not answer, no embedder to be had. */
  error: 1,
  /** A flag or the configuration file is wrong. */
  usage: 2,
  /** A threshold such as `--min-ndcg` was missed. The report is written all the same. */
  threshold: 3,
} as const

/** CONFIGURATION is what a user mends in flags and configuration; every other error is one of the run. */
export function exitCodeOf(error: unknown): number {
  return StoreError.isInstance(error) && error.code === 'CONFIGURATION' ? exitCodes.usage : exitCodes.error
}
