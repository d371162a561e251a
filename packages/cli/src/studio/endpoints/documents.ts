import { StoreError } from '@tandemstore/core'
import { withCollection } from '../../source/rows.js'
import type { ListedDocument, ListPage, WholeDocument } from '../api-types.js'
import { type Endpoint, headOf } from './endpoint.js'

const PAGE = 50
const PREVIEW_CHARACTERS = 200

/** The documents under a prefix, page by page. */
export const documents: Endpoint = {
  takes: ['prefix', 'filter', 'cursor'],
  async run({ store }, input, signal): Promise<ListPage<ListedDocument>> {
    const filter = input.filter('filter')
    const cursor = input.optionalText('cursor')
    const page = await store.list(input.namespace('prefix'), { filter, cursor, limit: PAGE, signal })
    return {
      ...page,
      items: page.items.map((document) => ({ ...headOf(document), preview: previewOf(document.value) })),
    }
  },
}

function previewOf(value: unknown): string {
  return [...JSON.stringify(value).slice(0, 2 * PREVIEW_CHARACTERS)].slice(0, PREVIEW_CHARACTERS).join('')
}

/** One document with what is known of it, and the texts that it is found by. */
export const document: Endpoint = {
  takes: ['namespace', 'key'],
  async run({ store, place, indexed }, input, signal): Promise<WholeDocument> {
    const ref = { namespace: input.namespace('namespace'), key: input.text('key') }
    const found = await store.get(ref.namespace, ref.key, { signal, refreshTtl: false })
    if (found === undefined) throw new StoreError('INVALID_ARGUMENT', 'This document is gone', ref)
    // A document as a store gives it does not say how it was put.
    const [[row], parts] = await Promise.all([
      withCollection(place, (kv) => kv.get([ref], { signal })),
      indexed ? store.parts([ref], { signal }) : undefined,
    ])
    return {
      ...headOf(found),
      value: found.value,
      bytes: Buffer.byteLength(JSON.stringify(found.value)),
      index: row?.index,
      ttlMs: row?.ttlMs,
      parts: parts?.[0],
    }
  },
}

/** Deletes one document, if it is still the one that was looked at. */
export const deleteDocument: Endpoint = {
  takes: ['namespace', 'key', 'version'],
  writes: true,
  async run({ store, indexed }, input, signal): Promise<object> {
    const conditions = store.capabilities.conditionalWrites ? { ifVersion: input.text('version') } : {}
    const sync = indexed ? { sync: 'wait' as const } : {}
    await store.delete(input.namespace('namespace'), input.text('key'), { ...conditions, ...sync, signal })
    return {}
  },
}
