import { hash } from 'node:crypto'
import type {
  DocumentRef,
  DocumentRow,
  Intent,
  KVBackend,
  KVCollection,
  Namespace,
  PointRecord,
  VectorIndex,
  VectorMatch,
  VectorSpace,
} from '@tandemstore/core/adapter'

/** The databases as they are, read past the store. */
export interface Raw {
  readonly kv: KVCollection
  rows(): Promise<DocumentRow[]>
  /** Of one model's space; the only one there is where no name is given. */
  points(space?: string): Promise<PointRecord[]>
  intents(space?: string): Promise<Intent[]>
  spaceNames(): Promise<string[]>
  space(name?: string): Promise<VectorSpace>
  /** Every document that holds a term, with its score, in the only space there is. */
  holders(term: string): Promise<VectorMatch[]>
  close(): Promise<void>
}

export async function openRaw(
  backend: { readonly kv: KVBackend; readonly vectors: VectorIndex },
  collection: string,
): Promise<Raw> {
  const kv = await backend.kv.open(collection)
  const opened = new Map<string, Promise<VectorSpace>>()
  const records = () => kv.spaces()
  const space = async (name?: string): Promise<VectorSpace> => {
    const all = await records()
    const record = name === undefined && all.length === 1 ? all[0] : all.find((each) => each.name === name)
    if (record === undefined) throw new Error(`No space ${name} among ${all.map((each) => each.name).join(' ')}`)
    const { dimensions, metric } = record
    let handle = opened.get(record.name)
    if (handle === undefined) {
      handle = backend.vectors.open({ name: record.name, dimensions, metric, filterable: {} })
      opened.set(record.name, handle)
    }
    return handle
  }
  return {
    kv,
    async rows() {
      const rows: DocumentRow[] = []
      let after: DocumentRef | undefined
      do {
        const page = await kv.list({ prefix: [], after, limit: 500 })
        rows.push(...page.rows)
        after = page.next
      } while (after !== undefined)
      return rows
    },
    async points(name) {
      const handle = await space(name)
      const points: PointRecord[] = []
      let cursor: string | undefined
      do {
        const page = await handle.scan({ prefix: [], cursor, limit: 500 })
        points.push(...page.points)
        cursor = page.cursor
      } while (cursor !== undefined)
      return points
    },
    async intents(name) {
      const names = name === undefined ? (await records()).map((each) => each.name) : [name]
      const intents: Intent[] = []
      for (const each of names) {
        let cursor: string | undefined
        do {
          const page = await kv.listIntents({ space: each, cursor, limit: 500 })
          intents.push(...page.intents)
          cursor = page.cursor
        } while (cursor !== undefined)
      }
      return intents
    },
    spaceNames: async () => (await records()).map(({ name }) => name),
    space,
    async holders(term) {
      const [record] = await records()
      if (record === undefined) throw new Error('There is no space')
      const { name, dimensions, metric } = record
      const handle = await backend.vectors.open({ name, dimensions, metric, filterable: {}, terms: true })
      try {
        const now = Date.now()
        await handle.deleteExpired(now)
        const terms = { terms: [term], weights: [1] }
        return (await handle.queryTerms?.({ prefix: [], now, limit: 1000, terms }))?.matches ?? []
      } finally {
        await handle.close()
      }
    },
    async close() {
      for (const handle of opened.values()) await (await handle).close()
      await kv.close()
    },
  }
}

/** One point as the comparison shows it. */
export interface PointLine {
  readonly namespace: Namespace
  readonly key: string
  readonly field: string
  readonly part: number
  readonly version: string
  readonly expiresAt: number | undefined
  readonly hash: string
}

/** The points that rows should have: one for each field that is a string and not blank. What has expired counts as absent. */
export function expectedPoints(rows: readonly DocumentRow[], fields: readonly string[], now = Date.now()): PointLine[] {
  return rows.flatMap(({ namespace, key, value, version, expiresAt, index }) => {
    if (index === false || (expiresAt !== undefined && expiresAt <= now)) return []
    const object = JSON.parse(value) as Record<string, unknown>
    return (index ?? fields).flatMap((field) => {
      const text = object[field]
      if (typeof text !== 'string' || text.trim() === '') return []
      return [{ namespace, key, field, part: 0, version, expiresAt, hash: hash('sha256', text, 'base64url') }]
    })
  })
}

/** The points there are, in the same form. */
export function actualPoints(points: readonly PointRecord[], now = Date.now()): PointLine[] {
  return points
    .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
    .map(({ namespace, key, field, part, version, expiresAt, hash }) => ({
      namespace,
      key,
      field,
      part,
      version,
      expiresAt,
      hash,
    }))
}

export function inOrder(points: readonly PointLine[]): PointLine[] {
  const name = ({ namespace, key, field, part, version }: PointLine) =>
    JSON.stringify([namespace, key, field, part, version])
  return [...points].sort((a, b) => (name(a) < name(b) ? -1 : 1))
}
