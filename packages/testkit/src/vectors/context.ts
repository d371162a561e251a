import { hash } from 'node:crypto'
import type {
  DocumentPoints,
  DocumentRef,
  Namespace,
  Point,
  PointRecord,
  SpaceDefinition,
  VectorIndex,
  VectorMatch,
  VectorQuery,
  VectorSpace,
  Version,
} from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import { uniqueName, versionSource } from '../shared/check.js'
import type { Opened } from '../shared/describe-checks.js'
import { slices } from '../shared/slices.js'

/** Length of the vectors in the shared space. */
export const DIMENSIONS = 4

/** What a check of a VectorIndex works with. */
export interface VectorContext {
  readonly index: VectorIndex
  /**
   * Shared by the checks; each keeps to namespaces that begin with `root`. Cosine, 4 dimensions, one path of each
   * declared type.
   */
  readonly space: VectorSpace
  /** A label that no other check uses. */
  readonly root: string
  /** The next version. */
  version(): Version
  /** Opens a space that holds nothing; it is dropped at the end. */
  fresh(
    definition?: Partial<SpaceDefinition>,
  ): Promise<{ readonly space: VectorSpace; readonly definition: SpaceDefinition }>
}

/** The paths that the shared space declares; any other path has the same meaning without. */
export const declared = {
  lang: 'keyword',
  year: 'integer',
  price: 'float',
  open: 'boolean',
  at: 'datetime',
} as const satisfies SpaceDefinition['filterable']

/** Opens what the checks share. `close` drops every space that was made. */
export async function openIndex(index: VectorIndex): Promise<Omit<Opened<VectorContext>, 'observed'>> {
  const opened: VectorSpace[] = []
  const fresh: VectorContext['fresh'] = async (rest = {}) => {
    const definition = {
      name: uniqueName('s'),
      dimensions: DIMENSIONS,
      metric: 'cosine',
      filterable: declared,
      ...rest,
    } as const
    const space = await index.open(definition)
    opened.push(space)
    return { space, definition }
  }
  const { space } = await fresh()
  const version = versionSource()
  return {
    context: () => ({ index, space, root: uniqueName('r'), version, fresh }),
    async close() {
      for (const each of opened) await each.drop()
    },
  }
}

/** A UUID of version 5, as core's are. */
export function idOf(ref: DocumentRef, field = 'body', part = 0): string {
  const hex = hash('sha1', JSON.stringify([ref.namespace, ref.key, field, part]))
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export function vectorOf(...values: number[]): Float32Array {
  return Float32Array.from(values)
}

/** A point of a document; without `vector` the one that is stored is to be kept. */
export function pointOf(ref: DocumentRef, vector?: Float32Array, rest: Partial<Point> = {}): Point {
  const { field = 'body', part = 0, hash = 'hash of the text' } = rest
  return { id: idOf(ref, field, part), field, part, hash, ...(vector ? { vector } : {}) }
}

/** A document of one point, or of the points given; frozen, as an adapter may change no input. */
export function documentOf(
  ref: DocumentRef,
  version: Version,
  points: Float32Array | readonly Point[],
  rest: Partial<Omit<DocumentPoints, 'namespace' | 'key' | 'version' | 'points'>> = {},
): DocumentPoints {
  return Object.freeze({
    namespace: ref.namespace,
    key: ref.key,
    version,
    values: {},
    fingerprint: 'made by',
    points: points instanceof Float32Array ? [pointOf(ref, points)] : points,
    ...rest,
  })
}

/** What `get` and `scan` have to give of a document's point. */
export function recordOf(document: DocumentPoints, at = 0): PointRecord {
  const { id, field, part, hash } = document.points[at] as Point
  const { namespace, key, version, fingerprint, expiresAt } = document
  return { id, namespace, key, field, part, version, hash, fingerprint, expiresAt }
}

/** Replaces and expects each to be done. */
export async function store(space: VectorSpace, documents: readonly DocumentPoints[]): Promise<void> {
  for (const slice of slices(documents)) expect(await space.replace(slice)).toEqual(slice.map(() => 'done'))
}

export function nameOf({ namespace, key }: DocumentRef): string {
  return JSON.stringify([...namespace, key])
}

/** Every match there is, asked for in pages that exclude what was found. No document may come twice. */
export async function queryAll(
  space: VectorSpace,
  query: Partial<VectorQuery> & { readonly prefix: Namespace },
): Promise<VectorMatch[]> {
  const all: VectorMatch[] = []
  const limit = query.limit ?? 100
  for (let pages = 0; pages < 100; pages += 1) {
    const exclude = [...(query.exclude ?? []), ...all.map(({ namespace, key }) => ({ namespace, key }))]
    const { matches, more } = await space.query({
      now: Date.now(),
      vector: vectorOf(1, 0, 0, 0),
      ...query,
      limit,
      exclude,
    })
    expect(matches.length).toBeLessThanOrEqual(limit)
    all.push(...matches)
    if (!more) {
      const names = all.map(nameOf)
      expect(new Set(names).size, `a document came twice: ${names.join(' ')}`).toBe(names.length)
      return all
    }
  }
  return expect.fail('query said there is more a hundred times')
}

export async function keysFound(
  space: VectorSpace,
  query: Partial<VectorQuery> & { readonly prefix: Namespace },
): Promise<string[]> {
  return (await queryAll(space, query)).map(({ key }) => key).sort()
}

/** Every point under a prefix, read page by page. No point may come twice. */
export async function scanAll(space: VectorSpace, prefix: Namespace, limit = 100): Promise<PointRecord[]> {
  const all: PointRecord[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 1000; pages += 1) {
    const page = await space.scan({ prefix, cursor, limit })
    expect(page.points.length).toBeLessThanOrEqual(limit)
    all.push(...page.points)
    if (page.cursor === undefined) {
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
      return all
    }
    cursor = page.cursor
  }
  return expect.fail('scan did not come to an end within 1,000 pages')
}

export function byId(a: PointRecord, b: PointRecord): number {
  return a.id < b.id ? -1 : 1
}
