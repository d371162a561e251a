import type { Document, DocumentPart, Namespace, Store } from '@tandemstore/core'
import { refId, startsWith } from '@tandemstore/core/adapter'
import type { MapPoint, VectorSample } from '../api-types.js'
import type { Endpoint } from './endpoint.js'

const DOCUMENTS = 1000
const POINTS = 2000
/** Namespaces that the sample is drawn from. */
const GROUPS = 200
const TEXT_CHARACTERS = 120

/** A sample of the vectors under a prefix, from each of the namespaces in it, for a map. */
export const vectors: Endpoint = {
  takes: ['prefix'],
  async run({ store, indexed }, input, signal): Promise<VectorSample> {
    const prefix = input.namespace('prefix')
    const groups = await groupsOf(store, prefix, signal)
    const sample = await sampleOf(store, groups.items, signal)
    const parts = indexed ? await store.parts(sample.documents, { vectors: true, signal }) : []
    const all = sample.documents.flatMap((document, i) => (parts[i] ?? []).flatMap((part) => placed(document, part)))
    const kept = all.slice(0, POINTS)
    return {
      points: kept.map(({ document: { namespace, key }, part: { field, part, text } }) => ({
        namespace,
        key,
        field,
        part,
        text: text.slice(0, TEXT_CHARACTERS),
        group: groupOf(groups.items, namespace),
      })) satisfies MapPoint[],
      groups: groups.items,
      dimensions: kept[0]?.vector.length ?? 0,
      vectors: base64(kept.map(({ vector }) => vector)),
      documents: sample.documents.length,
      partial: groups.more || sample.more || kept.length < all.length,
    }
  },
}

/** The namespaces by which a map tells points apart: the first labels below the prefix of which there are several. */
async function groupsOf(
  store: Store,
  prefix: Namespace,
  signal: AbortSignal,
): Promise<{ readonly items: readonly Namespace[]; readonly more: boolean }> {
  for (let maxDepth = prefix.length + 1; ; maxDepth += 1) {
    const { items, cursor } = await store.namespaces({ prefix, maxDepth, limit: GROUPS, signal })
    const isDeepest = !items.some((each) => each.length === maxDepth)
    if (items.length !== 1 || isDeepest || cursor !== undefined) return { items, more: cursor !== undefined }
  }
}

/** As many documents of each group, the first ones. */
async function sampleOf(store: Store, groups: readonly Namespace[], signal: AbortSignal) {
  const limit = Math.ceil(DOCUMENTS / Math.max(1, groups.length))
  const documents = new Map<string, Document>()
  let more = false
  for (const group of groups) {
    const page = await store.list(group, { limit, signal })
    // A group may lie in another one.
    for (const document of page.items) documents.set(refId(document), document)
    more ||= page.cursor !== undefined
  }
  return { documents: [...documents.values()], more }
}

/** The longest group that a namespace is in. */
function groupOf(groups: readonly Namespace[], namespace: Namespace): number {
  const depths = groups.map((group) => (startsWith(namespace, group) ? group.length : 0))
  return depths.indexOf(Math.max(...depths))
}

function placed(document: Document, part: DocumentPart) {
  return part.vector === undefined ? [] : [{ document, part, vector: part.vector }]
}

function base64(all: readonly Float32Array[]): string {
  return Buffer.concat(
    all.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  ).toString('base64')
}
