import { type KVCollection, type Lease, type SpaceRecord, StoreError } from '@tandemstore/core/adapter'
import { nativeTtl } from './native-ttl.js'
import type { Session } from './session.js'
import type { Stamp } from './stamp.js'
import type { Tables } from './tables.js'

/** How long after its end a lease is still kept, for clocks that differ. Milliseconds. */
const LEASE_AFTERLIFE_MS = 3_600_000

const LAYOUT_ATTEMPTS = 4

/** What is fixed when a collection is created. */
export interface Layout {
  readonly buckets: number
}

/** The layout that the first opener chose. Its first conditional write is tried a few times. */
export async function fixLayout(
  session: Session,
  { records }: Tables,
  wanted: { readonly buckets: number; readonly explicit: boolean },
  signal: AbortSignal | undefined,
): Promise<Layout> {
  const options = { what: 'open the collection', signal }
  const read = `SELECT value FROM ${records} WHERE kind = 'layout' AND name = 'layout'`
  const insert = `INSERT INTO ${records} (kind, name, value) VALUES ('layout', 'layout', ?) IF NOT EXISTS`
  const own = JSON.stringify({ buckets: wanted.buckets })
  let [row] = await session.read(read, [], options)
  for (let attempt = 1; row === undefined; attempt += 1) {
    try {
      const answer = await session.writeIf(insert, [own], options)
      row = answer['[applied]'] === true ? { value: own } : answer
    } catch (error) {
      // With tablets the first conditional write also makes a table, which can take longer than a write may.
      if (!isTimeout(error) || attempt === LAYOUT_ATTEMPTS) throw error
      ;[row] = await session.read(read, [], { ...options, atSerial: true }).catch((readError: unknown) => {
        if (!isTimeout(readError)) throw readError
        return []
      })
    }
  }
  const layout = parseRecord<Layout>(row.value, 'the layout of the collection')
  if (wanted.explicit && layout.buckets !== wanted.buckets) {
    throw new StoreError(
      'CONFIGURATION',
      `The collection was created with ${layout.buckets} buckets, which is fixed, and ${wanted.buckets} are asked for`,
    )
  }
  return layout
}

/** Leases and spaces: few rows each, one partition for each kind. */
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
      return rows.map((row) => parseRecord<SpaceRecord>(row.value, `the record of the space ${String(row.name)}`))
    },
  }
}

function isTimeout(error: unknown): boolean {
  return StoreError.isInstance(error) && error.code === 'TIMEOUT'
}

function parseRecord<Value>(text: unknown, what: string): Value {
  try {
    return JSON.parse(String(text)) as Value
  } catch (error) {
    throw new StoreError('KV_FAILED', `${what} is damaged: it is not JSON`, { cause: error })
  }
}
