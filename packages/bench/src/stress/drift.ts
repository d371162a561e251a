import type { VerifyResult } from '@tandemstore/core'

/** Documents that are not as their vectors say; those, too, that are only going to be. */
export function driftOf({ missing, stale, orphaned, pending = 0 }: VerifyResult): number {
  return missing + stale + orphaned + pending
}
