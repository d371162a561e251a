import type { PutManyDocument, Store } from '@tandemstore/core'
import { expect } from 'vitest'
import { inWindow } from './window.ts'

/** The document of a number, findable by the words of its title. */
export function documentOf(number: number): PutManyDocument & { readonly value: { readonly title: string } } {
  return {
    namespace: ['ingest', String(number % 7)],
    key: String(number),
    value: { title: `document number${number} of many${number % 13}`, body: `body ${number % 50}` },
  }
}

/** Expects two hundred of the documents from 0 to `count`, evenly spread, to be found by their titles. */
export async function expectFound(store: Store, count: number): Promise<void> {
  const step = Math.max(1, Math.floor(count / 200))
  const numbers = Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step)
  await inWindow(numbers, 8, async (number) => {
    const { namespace, key, value } = documentOf(number)
    const hits = await store.search(namespace, { query: value.title, limit: 3 })
    expect(hits.map(({ document }) => document.key)).toContain(key)
  })
}
