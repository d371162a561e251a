import { type KVCollection, type Lease, type SpaceRecord, StoreError } from '@tandemstore/core/adapter'
import { nativeTtl } from './native-ttl.js'
import type { Tables } from './schema.js'
import type { Session } from './session.js'
import type { Stamp } from './stamp.js'

/** How long after its end a lease is still kept, for clocks that differ. Milliseconds. */
const LEASE_AFTERLIFE_MS = 3_600_000

/** What is fixed when a collection is created. */
export interface Layout {
  readonly buckets: number
}

/** The layout that the first opener chose. */
export async function fixLayout(
  session: Session,
  { records }: Tables,
  wanted: { readonly buckets: number; readonly explicit: boolean },
  signal: AbortSignal | undefined,
): Promise<Layout> {
  const options = { what: 'open the collection', signal }
  const read = `SELECT value FROM ${records} WHERE kind = 'layout' AND name = 'layout'`
  let [row] = await session.read(read, [], options)
  if (row === undefined) {
    const insert = `INSERT INTO ${records} (kind, name, value) VALUES ('layout', 'layout', ?) IF NOT EXISTS`
    const answer = await session.writeIf(insert, [JSON.stringify({ buckets: wanted.buckets })], options)
    row = answer['[applied]'] === true ? { value: JSON.stringify({ buckets: wanted.buckets }) } : answer
  }
  const layout = JSON.parse(String(row.value)) as Layout
  if (wanted.explicit && layout.buckets !== wanted.buckets) {
    throw new StoreError(
      'CONFIGURATION',
      `The collection was created with ${layout.buckets} buckets, which is fixed, and ${wanted.buckets} are asked for`,
    )
  }
  return layout
}

/** Leases and spaces: few rows each, in one partition of their kind. */
export function makeRecords(
  session: Session,
  { records }: Tables,
  stamp: Stamp,
): Pick<KVCollection, 'putLease' | 'leases' | 'putSpace' | 'deleteSpace' | 'spaces'> {
  const put = `INSERT INTO ${records} (kind, name, value) VALUES (?, ?, ?) USING TIMESTAMP ? AND TTL ?`
  const remove = `DELETE FROM ${records} USING TIMESTAMP ? WHERE kind = ? AND name = ?`
  const read = `SELECT name, value FROM ${records} WHERE kind = ?`
  return {
    async putLease({ writer, expiresAt }, { signal } = {}) {
      const options = { what: 'write the lease', signal }
      if (expiresAt === 0) return session.write(remove, [stamp(), 'lease', writer], options)
      const ttl = nativeTtl(Math.max(expiresAt, Date.now()) + LEASE_AFTERLIFE_MS, Date.now())
      return session.write(put, ['lease', writer, String(expiresAt), stamp(), ttl], options)
    },
    async leases({ signal } = {}) {
      const rows = await session.read(read, ['lease'], { what: 'read the leases', signal })
      return rows.map((row): Lease => ({ writer: String(row.name), expiresAt: Number(row.value) }))
    },
    async putSpace(space, { signal } = {}) {
      const params = ['space', space.name, JSON.stringify(space), stamp(), 0]
      await session.write(put, params, { what: 'write the record of a space', signal })
    },
    async deleteSpace(name, { signal } = {}) {
      await session.write(remove, [stamp(), 'space', name], { what: 'delete the record of a space', signal })
    },
    async spaces({ signal } = {}) {
      const rows = await session.read(read, ['space'], { what: 'read the records of spaces', signal })
      return rows.map((row) => JSON.parse(String(row.value)) as SpaceRecord)
    },
  }
}
