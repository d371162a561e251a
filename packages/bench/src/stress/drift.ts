import type { VerifyResult } from '@tandemstore/core'

/** Documents that are not as their vectors say; also those that an intent or an operation is about to mend. */
export function driftOf({ missing, stale, orphaned, pending = 0 }: VerifyResult): number {
  return missing + stale + orphaned + pending
}
