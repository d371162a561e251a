import type { VectorSpace } from '../ports/vector-index.js'
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
  const candidates = new Map<string, { readonly projection: Projection; readonly hash: string }>()
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
    const { projection, hash } = candidate
    projection.isExpectedNew = false
    if (hash !== record.hash || record.lacksVector || projection.target?.kind !== 'present') continue
    const { version, replaces, texts } = projection.target
    if (record.version > version && record.version !== replaces) continue
    vectors.add(record.id)
    if (record.fingerprint === texts.fingerprint) terms.add(record.id)
  }
  return { vectors, terms }
}
