import { lruCache } from '@tandemstore/cache-lru'
import type { Store } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { gemini } from '@tandemstore/embed-gemini'
import { describe, expect, it } from 'vitest'
import { notes, small, useEmbeddingServer } from './fixture.ts'

const fixture = useEmbeddingServer()
const clean = { missing: 0, stale: 0, orphaned: 0, repaired: 0 }
const nameOf = async (store: Store) => (await store.health()).space?.name

describe('models', () => {
  const prefixes = { document: 'passage: ', query: 'query: ' }
  const models = (): Record<string, Embedder> => ({
    small: fixture.wire.openai(small),
    'small, other length': fixture.wire.openai({ ...small, dimensions: 32 }),
    'small, own length': fixture.wire.openai({ model: small.model }),
    'small, prefixes': fixture.wire.openai({ ...small, prefixes }),
    large: fixture.wire.openai({ model: 'text-embedding-3-large', dimensions: 16 }),
    'length learnt': fixture.wire.openai({ model: 'all-minilm' }),
    gemini: gemini({
      ...{ model: 'gemini-embedding-001', dimensions: 16 },
      ...{ apiKey: fixture.server.apiKey, baseUrl: fixture.server.geminiUrl },
    }),
  })

  it('share no space and no entry of a cache, though they have one database, one cache and one text', async () => {
    const cache = lruCache({ maxEntries: 1000 })
    const names = new Set<string | undefined>()
    const all = Object.entries(models())
    for (const [i, [, embedder]] of all.entries()) {
      const store = await fixture.open(embedder, { cache })
      names.add(await nameOf(store))
      await store.put(['notes'], 'a', { text: 'the same text' }, { sync: 'wait' })
      const [hit] = await store.search(['notes'], { query: 'the same text' })
      expect(hit?.document.key).toBe('a')
      // One entry for the document and one for the query.
      expect(cache.size().entries).toBe(2 * (i + 1))
      expect((await store.stats()).embeddings?.cache).toMatchObject({ hits: 0, misses: 2 })
    }
    expect(names.size).toBe(all.length)
  })

  it('find their entries again, each its own', async () => {
    const cache = lruCache({ maxEntries: 1000 })
    for (const embedder of Object.values(models())) {
      const first = await fixture.open(embedder, { cache })
      await first.putMany(notes(20), { sync: 'wait' })
      const requests = fixture.server.requests.length
      // Another collection in the same databases, so that nothing is known of the documents.
      const second = await fixture.open(embedder, { cache, collection: 'others' })
      const learns = embedder.dimensions === undefined ? 1 : 0
      await second.putMany(notes(20), { sync: 'wait' })
      expect(fixture.server.requests.length - requests).toBe(learns)
      expect((await second.stats()).embeddings?.cache).toMatchObject({ hits: 20, misses: 0 })
    }
  })
})

describe('another model for a collection', () => {
  const COUNT = 600
  const other = { model: 'text-embedding-3-large', dimensions: 16 } as const

  it('gets a space of its own that verify fills, and the old one stays as it is', async () => {
    const old = await fixture.open(fixture.wire.openai(small))
    await old.putMany(notes(COUNT), { sync: 'wait' })
    const oldName = await nameOf(old)
    await old.close()

    const store = await fixture.open(fixture.wire.openai(other))
    expect((await store.health()).space).toMatchObject({ complete: false, points: 0 })
    expect(await store.search(['notes'], { query: 'note 7' })).toEqual([])
    expect(await store.verify()).toEqual({ ...clean, checked: COUNT, missing: COUNT })
    expect(await store.verify({ repair: true })).toEqual({ ...clean, checked: COUNT, missing: COUNT, repaired: COUNT })
    expect(await store.verify()).toEqual({ ...clean, checked: COUNT })
    expect((await store.search(['notes'], { query: 'note 7', limit: 1 }))[0]?.document.key).toBe('7')
    expect(await nameOf(store)).not.toBe(oldName)
    await store.put(['notes'], 'new', { text: 'written with the other model' }, { sync: 'wait' })
    await store.close()

    const requests = fixture.server.requests.length
    const again = await fixture.open(fixture.wire.openai(small))
    expect((await again.health()).space).toMatchObject({ name: oldName, points: COUNT })
    expect(await again.verify()).toEqual({ ...clean, checked: COUNT + 1, missing: 1 })
    expect(fixture.server.requests.length).toBe(requests)
    expect((await again.search(['notes'], { query: 'note 7', limit: 1 }))[0]?.document.key).toBe('7')
  })

  it('is filled from where it was left: what was done is not embedded again', async () => {
    const old = await fixture.open(fixture.wire.openai(small))
    await old.putMany(notes(COUNT), { sync: 'wait' })
    await old.close()
    const before = fixture.wire.sent.length
    const store = await fixture.open(fixture.wire.openai(other), { embedding: { maxBatchSize: 20, concurrency: 2 } })

    const controller = new AbortController()
    let checked = 0
    const filling = store.verify({
      repair: true,
      signal: controller.signal,
      onProgress: (progress) => {
        checked = progress.checked
        controller.abort(new Error('enough'))
      },
    })
    await expect(filling).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
    expect(checked).toBeGreaterThan(0)
    expect(checked).toBeLessThan(COUNT)
    expect((await store.health()).space?.complete).toBe(false)

    // What was begun goes on.
    await store.flush()
    const rest = COUNT - checked
    expect(await store.verify({ repair: true })).toEqual({ ...clean, checked: COUNT, missing: rest, repaired: rest })
    const texts = fixture.wire.sent.slice(before).flatMap(({ texts }) => texts)
    expect(texts).toHaveLength(COUNT)
    expect(new Set(texts).size).toBe(COUNT)
    expect(await store.verify()).toEqual({ ...clean, checked: COUNT })
  })

  it('is filled on, when the store was closed half way', async () => {
    const old = await fixture.open(fixture.wire.openai(small))
    await old.putMany(notes(COUNT), { sync: 'wait' })
    await old.close()
    const before = fixture.wire.sent.length
    const embedding = { maxBatchSize: 20, concurrency: 1 }
    const store = await fixture.open(fixture.wire.openai(other), { embedding })
    // The tenth request is never answered: the store closes with a part done.
    fixture.server.next(...Array.from({ length: 9 }, () => undefined), { kind: 'hang' })
    const filling = store.verify({ repair: true }).catch((error: unknown) => error)
    await fixture.server.received(fixture.server.requests.length + 10)
    await store.close({ timeoutMs: 50 })
    await filling

    const next = await fixture.open(fixture.wire.openai(other), { embedding })
    await next.recover()
    await next.verify({ repair: true })
    expect(await next.verify()).toEqual({ ...clean, checked: COUNT })
    const done = fixture.wire.sent.slice(before).filter(({ status }) => status === 200)
    const texts = done.flatMap(({ texts }) => texts)
    expect(new Set(texts).size).toBe(COUNT)
    expect(texts).toHaveLength(COUNT)
  })
})
