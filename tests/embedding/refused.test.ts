import type { Receipt, StoreError, StoreEvents } from '@tandemstore/core'
import { describe, expect, it } from 'vitest'
import { notes, small, useEmbeddingServer } from './fixture.ts'
import type { Sent } from './wire.ts'

/** Requests none of whose texts were new. */
function repeated(sent: readonly Sent[]): number {
  const seen = new Set<string>()
  return sent.filter(({ texts }) => {
    const isNew = texts.some((text) => !seen.has(text))
    for (const text of texts) seen.add(text)
    return !isNew
  }).length
}

describe('a text that the model refuses', () => {
  const fixture = useEmbeddingServer({ refuses: (text) => text.includes('poison') })
  const textOf = (i: number) => (i === 437 ? 'poison' : `note ${i}`)

  it('fails its document alone, among a thousand puts, and costs at most 20 requests more', async () => {
    const { wire } = fixture
    const store = await fixture.open(wire.openai(small))
    const failures: StoreEvents['indexFailed'][] = []
    store.on('indexFailed', (failure) => failures.push(failure))
    const receipts = await Promise.all(
      notes(1000, textOf).map(({ namespace, key, value }) => store.put(namespace, key, value)),
    )
    const outcomes = await Promise.allSettled(receipts.map(({ indexed }: Receipt) => indexed))
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([437])
    const about = { code: 'EMBEDDING_FAILED', retryable: false, namespace: ['notes'], key: '437' }
    expect((outcomes[437] as PromiseRejectedResult).reason).toMatchObject(about)
    expect(repeated(wire.sent)).toBeLessThanOrEqual(20)
    expect([...wire.embedded().values()].every((times) => times === 1)).toBe(true)

    // It is durable all the same, told once, and in nobody's way.
    expect(failures).toMatchObject([{ key: '437', error: about }])
    expect((await store.get(['notes'], '437'))?.value).toEqual({ text: 'poison' })
    await expect(store.flush()).rejects.toMatchObject({
      code: 'EMBEDDING_FAILED',
      message: expect.stringContaining('437'),
    })
    await store.flush()
    expect(await store.stats()).toMatchObject({
      index: { failed: 1, pending: 0 },
      embeddings: { texts: { failed: 1 } },
    })
    expect(await store.search(['notes'], { query: 'note 436', limit: 1 })).toMatchObject([{ document: { key: '436' } }])
  })

  it('fails its document alone in one batch of a thousand', async () => {
    const { wire } = fixture
    const store = await fixture.open(wire.openai(small), { embedding: { maxBatchSize: 1000, concurrency: 1 } })
    store.on('indexFailed', () => {})
    const result = await store.putMany(notes(1000, textOf), { sync: 'wait' })
    expect(result.written).toBe(1000)
    expect(result.failed).toMatchObject([{ key: '437', error: { code: 'EMBEDDING_FAILED' } }])
    await expect(result.indexed).rejects.toMatchObject({ code: 'EMBEDDING_FAILED', key: '437' })
    expect(repeated(wire.sent)).toBeLessThanOrEqual(20)
  })

  it('is searchable once it is written anew', async () => {
    const store = await fixture.open(fixture.wire.openai(small))
    store.on('indexFailed', () => {})
    await expect(store.put(['notes'], 'a', { text: 'poison' }, { sync: 'wait' })).rejects.toMatchObject({ key: 'a' })
    await store.put(['notes'], 'a', { text: 'antidote' }, { sync: 'wait' })
    await store.flush()
    expect(await store.search(['notes'], { query: 'antidote' })).toMatchObject([{ document: { key: 'a' } }])
    expect(await store.verify()).toEqual({ checked: 1, missing: 0, stale: 0, orphaned: 0, repaired: 0 })
  })
})

describe('a request that is wrong whatever its texts', () => {
  const fixture = useEmbeddingServer({ refuses: () => true })
  const failuresOf = async (model: string, dimensions: number) => {
    const { wire } = fixture
    const store = await fixture.open(wire.openai({ model, dimensions }), { embedding: { maxBatchSize: 100 } })
    store.on('indexFailed', () => {})
    const result = await store.putMany(notes(1000), { sync: 'wait' })
    expect(result).toMatchObject({ written: 1000 })
    expect(result.failed).toHaveLength(1000)
    return result.failed.map(({ error }): StoreError => error)
  }

  it('to an unknown model is one CONFIGURATION error a batch, and soon no request at all', async () => {
    const errors = await failuresOf('no-such-model', 16)
    for (const error of errors) expect(error).toMatchObject({ code: 'CONFIGURATION', retryable: false })
    expect(errors[0]?.message).toContain('no-such-model')
    expect(fixture.wire.sent.length).toBeLessThanOrEqual(10)
  })

  it('that a server answers as if the texts were at fault is found out with a few requests', async () => {
    const errors = await failuresOf(small.model, small.dimensions)
    for (const error of errors) expect(error).toMatchObject({ code: 'CONFIGURATION', retryable: false })
    // Of each batch: itself, its halves and one plain word.
    expect(fixture.wire.sent.length).toBeLessThanOrEqual(40)
  })

  it('is told on opening, where the length of the vectors has to be asked for', async () => {
    const { wire } = fixture
    await expect(fixture.open(wire.openai({ model: 'no-such-model' }))).rejects.toMatchObject({ code: 'CONFIGURATION' })
    expect(wire.sent).toHaveLength(1)
  })
})
