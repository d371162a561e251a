import { randomBytes } from 'node:crypto'
import { formatVersion, type Version } from '@tandemstore/core/adapter'

/** One thing that an adapter of a port has to do; `run` rejects where it does not. */
export interface Check<Context> {
  readonly name: string
  run(context: Context): Promise<void>
}

/** A name that no other run has used: a database may keep what an earlier run left. */
export function uniqueName(start: string): string {
  return `${start}_${randomBytes(5).toString('hex')}`
}

/**
 * Stamps rising versions near the wall clock, never ahead of it by more than the versions stamped in this
 * millisecond: some databases order plain writes by them and conditional ones by their own clock.
 */
export function versionSource(writer: string = randomBytes(6).toString('hex')): () => Version {
  let last = 0
  return () => {
    last = Math.max(last + 1, Date.now() * 1000)
    return formatVersion(last, writer)
  }
}
