import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { StoreError } from '@tandemstore/core'

/** What a run writes into what it makes, so that a later one knows whose it is. */
export interface RunMark {
  /** Tells runs apart that have the same process id, one after the other. */
  readonly run: string
  readonly host: string
  readonly pid: number
}

const own: RunMark = { run: randomUUID(), host: hostname(), pid: process.pid }

export function ownMark(): RunMark {
  return own
}

/** What is known of the run that made something. `unknown`: it is, or was, on another machine. */
export function stateOf({ run, host, pid }: RunMark): 'running' | 'ended' | 'unknown' {
  if (run === own.run) return 'running'
  if (host !== own.host) return 'unknown'
  if (pid === own.pid) return 'ended'
  try {
    process.kill(pid, 0)
    return 'running'
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'running' : 'ended'
  }
}

/**
 * Passes only for a run that has surely ended.
 *
 * @param what Which the mark is in, and what to delete by hand if nobody uses it.
 * @throws StoreError CONFIGURATION where the run is under way, or on another machine and may be.
 */
export function refuseUnlessEnded(mark: RunMark, what: string, remedy: string): void {
  const state = stateOf(mark)
  if (state === 'ended') return
  if (state === 'running')
    throw new StoreError('CONFIGURATION', `Another tandem-bench (process ${mark.pid}) uses ${what}`)
  throw new StoreError(
    'CONFIGURATION',
    `A tandem-bench on ${mark.host} (process ${mark.pid}) uses ${what}, or did: delete ${remedy} if it has ended`,
  )
}

/** Reads a mark that was written as JSON; undefined for anything else. */
export function parseMark(text: string): RunMark | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { run, host, pid } = value as Partial<RunMark>
  if (typeof run !== 'string' || typeof host !== 'string' || !Number.isSafeInteger(pid)) return undefined
  return { run, host, pid: Number(pid) }
}
