import { checkBoolean, checkOptions } from '../api/arguments.js'
import type { DocumentPart, PartsOptions } from '../api/queries.js'
import { toRef } from '../document/namespace.js'
import { liveRow } from '../document/row.js'
import { invalid } from '../errors.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { DocumentRef } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { PointRecord } from '../ports/vector-records.js'
import { indexedTexts } from './indexed-texts.js'

/** The texts that documents are indexed by, and what is stored of each in the index. */
export async function readParts(
  { kv }: StoreContext,
  index: IndexContext,
  refs: readonly DocumentRef[],
  options: PartsOptions = {},
): Promise<DocumentPart[][]> {
  checkOptions(options, ['vectors', 'signal'])
  checkBoolean(options.vectors, 'options.vectors')
  if (!Array.isArray(refs)) throw invalid('refs', 'an array of namespace and key')
  const { vectors = false, signal } = options
  const checked = refs.map((ref, i) => toRef(ref?.namespace, ref?.key, `refs[${i}].`))
  const rows = await kv.get(checked, { signal })
  const now = Date.now()
  const texts = await Promise.all(rows.map((row) => textsOf(index, liveRow(row, now))))
  const ids = texts.flat().map(({ id }) => id)
  const points = await index.space.get(ids, { signal })
  const found = vectors ? await vectorsOf(index, ids, points, signal) : undefined
  let next = 0
  return texts.map((of, i) =>
    of.map(({ field, part, text, hash }) => {
      const at = next++
      const state = stateOf(points[at], hash, rows[i] as DocumentRow)
      const vector = state === 'missing' ? undefined : found?.[at]
      return { field, part, text, hash, state, ...(vector === undefined ? {} : { vector }) }
    }),
  )
}

/** Vectors of the points as they were read: `undefined` where a point became one of another text meanwhile. */
async function vectorsOf(
  { space }: IndexContext,
  ids: readonly string[],
  points: readonly (PointRecord | undefined)[],
  signal: AbortSignal | undefined,
): Promise<(Float32Array | undefined)[]> {
  const found = await space.vectors(ids, { signal })
  // A vector does not say of which text it is.
  const after = await space.get(ids, { signal })
  return found.map((vector, i) => (after[i]?.hash === points[i]?.hash ? vector : undefined))
}

async function textsOf(index: IndexContext, row: DocumentRow | undefined) {
  const made = row && (await indexedTexts(index, row))
  return made?.texts ?? []
}

/** A point of another text says nothing of this one. */
function stateOf(point: PointRecord | undefined, hash: string, row: DocumentRow): DocumentPart['state'] {
  if (point === undefined || point.hash !== hash || point.lacksVector) return 'missing'
  return point.version === row.version ? 'current' : 'stale'
}
