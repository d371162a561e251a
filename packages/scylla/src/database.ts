import { StoreError } from '@tandemstore/core/adapter'
import type { Session } from './session.js'

/** Which database answers, as far as its schema differs. */
export interface Database {
  readonly product: 'cassandra' | 'scylladb'
  /** Of ScyllaDB: major and minor, such as [2026, 1]. Unknown where the role may not read it. */
  readonly release?: readonly [major: number, minor: number] | undefined
}

/** Asks for the release of ScyllaDB. Cassandra has no such table. */
export async function readDatabase(session: Session, signal: AbortSignal | undefined): Promise<Database> {
  try {
    const query = "SELECT version FROM system.versions WHERE key = 'local'"
    const [row] = await session.plain(query, { what: 'read the version', signal })
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(String(row?.version)) ?? []
    return { product: 'scylladb', release: major === undefined ? undefined : [Number(major), Number(minor)] }
  } catch (error) {
    const { code } = error as StoreError
    if (StoreError.isInstance(error) && code === 'CONFIGURATION') return { product: 'cassandra' }
    // Only a table that is there can be forbidden.
    if (StoreError.isInstance(error) && code === 'AUTHENTICATION') return { product: 'scylladb' }
    throw error
  }
}

/**
 * Whether new keyspaces have tablets and conditional writes are refused there: ScyllaDB 6.0 and 2024.2 up to 2025.3.
 */
export function lacksLwtWithTablets({ product, release }: Database): boolean {
  if (product === 'cassandra' || release === undefined) return false
  return isAtLeast(release, release[0] < 2000 ? [6, 0] : [2024, 2]) && !isAtLeast(release, [2025, 4])
}

/** Releases before 5.2 may make one table twice when two processes create it at the same time. */
export function isTooOld({ product, release }: Database): boolean {
  return product === 'scylladb' && release !== undefined && !isAtLeast(release, release[0] < 2000 ? [5, 2] : [2023, 1])
}

function isAtLeast([major, minor]: readonly [number, number], [least, leastMinor]: readonly [number, number]): boolean {
  return major > least || (major === least && minor >= leastMinor)
}
