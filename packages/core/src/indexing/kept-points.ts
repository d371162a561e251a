import type { VectorSpace } from '../ports/vector-index.js'
import type { PointRecord } from '../ports/vector-records.js'
import type { Projection } from './projection.js'
import { textsOf } from './target.js'

/** Ids of stored points of which something need not be made again. */
export interface KeptPoints {
  /** Their texts are the ones that are to be indexed, so that their vectors are kept. */
  readonly vectors: ReadonlySet<string>
  /** Of these, those that were made in the same way, so that their terms are kept as well. */
  readonly terms: ReadonlySet<string>
}

export const NOTHING_KEPT: KeptPoints = { vectors: new Set(), terms: new Set() }

/**
 * Looks for stored points whose text is the one that is to be indexed, and which will give way to ours. One that lacks
 * its vector is made again.
 */
export async function findKeptPoints(
  projections: readonly Projection[],
  space: Pick<VectorSpace, 'get'>,
): Promise<KeptPoints> {
  const candidates = new Map<string, StoredText>()
  for (const projection of projections) {
    projection.isExpectedNew = !projection.sendsAll
    if (!projection.mayHavePoints || projection.sendsAll) continue
    for (const { id, hash } of textsOf(projection)) candidates.set(id, { projection, hash })
  }
  if (candidates.size === 0) return NOTHING_KEPT
  const vectors = new Set<string>()
  const terms = new Set<string>()
  for (const record of await space.get([...candidates.keys()])) {
    const candidate = record && candidates.get(record.id)
    if (record === undefined || candidate === undefined) continue
    candidate.projection.isExpectedNew = false
    if (!isKeepable(record, candidate)) continue
    vectors.add(record.id)
    const { target } = candidate.projection
    if (target?.kind === 'present' && record.fingerprint === target.texts.fingerprint) terms.add(record.id)
  }
  return { vectors, terms }
}

/**
 * Keeps the vectors that stored points have of texts which could not be embedded: another process may have made them
 * meanwhile, and points with words alone must not take them away.
 */
export async function keepStoredVectors(
  projections: readonly Projection[],
  space: Pick<VectorSpace, 'get'>,
): Promise<void> {
  const lacking = projections.flatMap((projection) =>
    textsOf(projection)
      .map(({ id, hash }, at) => ({ id, hash, at, projection }))
      .filter(({ at }) => projection.vectors?.[at] === null),
  )
  const records = await space.get(lacking.map(({ id }) => id))
  lacking.forEach((text, i) => {
    const { projection, at } = text
    const record = records[i]
    if (record !== undefined && projection.vectors !== undefined && isKeepable(record, text))
      projection.vectors[at] = undefined
  })
  for (const projection of projections) if (!projection.vectors?.includes(null)) projection.lacking = undefined
}

interface StoredText {
  readonly projection: Projection
  readonly hash: string
}

/** Whether a stored point has the vector of the text, and gives way to the projection's. */
function isKeepable(record: PointRecord, { projection, hash }: StoredText): boolean {
  if (hash !== record.hash || record.lacksVector || projection.target?.kind !== 'present') return false
  const { version, replaces } = projection.target
  return record.version <= version || record.version === replaces
}
