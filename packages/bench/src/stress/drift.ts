import type { VerifyResult } from '@tandemstore/core'

/** Every document that `verify()` found out of step with the index; also those that will be mended, and damaged ones. */
export function driftOf(verify: VerifyResult): number {
  const { missing, stale, orphaned, pending = 0, damaged = 0, orphanedElsewhere = 0 } = verify
  return missing + stale + orphaned + pending + damaged + orphanedElsewhere
}
