import { hash } from 'node:crypto'
import { stableJson } from '../document/stable-json.js'
import type { CallOptions } from '../ports/common.js'
import type { ModelIdentity } from '../ports/embedder.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { SpaceIndex, SpaceRecord } from '../ports/kv-records.js'
import type { Metric } from '../ports/vector-records.js'

/**
 * The space of a model: named by the collection and a fingerprint of the model's whole identity, so that vectors of
 * two models never mix. One of words alone has no dimensions.
 */
export function spaceName(collection: string, model: ModelIdentity, dimensions: number | undefined): string {
  return `${collection}_${hash('sha256', stableJson({ ...model, dimensions }), 'hex').slice(0, 12)}`
}

/** The record of a space; one that is new is complete only in a collection without documents. */
export async function registerSpace(
  kv: KVCollection,
  space: {
    readonly name: string
    readonly model: ModelIdentity
    readonly dimensions: number | undefined
    readonly metric: Metric
    readonly index: SpaceIndex
  },
  options: CallOptions,
): Promise<SpaceRecord> {
  const known = (await kv.spaces(options)).find(({ name }) => name === space.name)
  if (known !== undefined) {
    if (stableJson(known.index ?? null) === stableJson(space.index)) return known
    const changed = { ...known, index: space.index }
    // What does not fit is refused by whoever opens it, and changes nothing.
    if (known.dimensions === space.dimensions && known.metric === space.metric) await kv.putSpace(changed, options)
    return changed
  }
  const record = { ...space, model: { ...space.model }, createdAt: Date.now() }
  // First the record, then the look: whoever opens the collection after the look knows the space and leaves intents
  // for it. A store without an index that is open already learns of it with its next heartbeat.
  await kv.putSpace({ ...record, complete: false }, options)
  const { rows } = await kv.list({ prefix: [], limit: 1 }, options)
  if (rows.length > 0) return { ...record, complete: false }
  await kv.putSpace({ ...record, complete: true }, options)
  return { ...record, complete: true }
}
