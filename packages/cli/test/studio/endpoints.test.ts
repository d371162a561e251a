import { local } from '@tandemstore/embed-local'
import { fakeEmbedder } from '@tandemstore/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../run.js'
import { fillNotes, notes, openNotes } from '../stores.js'
import { addFailures, startStudio } from './studio.js'

describe('what the page asks for', () => {
  let folder: string
  beforeEach(async () => {
    folder = await temporaryFolder()
    await fillNotes(folder)
  })

  test('namespaces label by label with their counts', async () => {
    const { ask } = await startStudio(folder)
    const below = async (...prefix: string[]) => (await ask('namespaces', { prefix })).body.items
    expect(await below()).toEqual([['a/b'], ['users']])
    expect(await below('users')).toEqual([
      ['users', '1'],
      ['users', '10'],
    ])
    expect(await below('users', '1')).toEqual([['users', '1', 'old']])
    expect(await below('users', '1', 'old')).toEqual([])
    expect((await ask('count', { prefix: ['users', '1'] })).body).toEqual({ documents: 4, more: false })
  })

  test('documents page by page, and a count that stops where it would read too many', async () => {
    const many = Array.from({ length: 10_050 }, (_, i) => ({
      namespace: ['many'],
      key: String(i).padStart(6, '0'),
      value: { i },
    }))
    await using store = await openNotes(folder, { vectors: undefined, embedder: undefined })
    await store.putMany(many)
    const { ask } = await startStudio(folder)
    const first = (await ask('documents', { prefix: ['many'] })).body
    const next = (await ask('documents', { prefix: ['many'], cursor: first.cursor })).body
    const keys = [...first.items, ...next.items].map(({ key }: { key: string }) => key)
    expect(keys).toEqual(many.slice(0, keys.length).map(({ key }) => key))
    expect(first.items).toHaveLength(50)
    expect((await ask('count', { prefix: ['many'] })).body).toEqual({ documents: 10_000, more: true })
    expect((await ask('count', { prefix: ['many'], all: true })).body).toEqual({ documents: 10_050, more: false })
    // A page may be empty and have a cursor: so much was read without a match.
    const matching: string[] = []
    let cursor: string | undefined
    do {
      const { body } = await ask('documents', { prefix: [], filter: { i: { $gte: 10_048 } }, cursor })
      matching.push(...body.items.map(({ key }: { key: string }) => key))
      cursor = body.cursor
    } while (cursor !== undefined)
    expect(matching).toEqual(['010048', '010049'])
  })

  test('a document with its times, its directive and what it is found by', async () => {
    await using store = await openNotes(folder)
    await store.put(['users', '2'], 'brief', { title: 'Gone soon' }, { ttlMs: 3_600_000, index: ['title'] })
    const { ask } = await startStudio(folder)
    const brief = (await ask('document', { namespace: ['users', '2'], key: 'brief' })).body
    expect(brief).toMatchObject({
      value: { title: 'Gone soon' },
      index: ['title'],
      ttlMs: 3_600_000,
      parts: [{ field: 'title', part: 0, text: 'Gone soon', state: 'current' }],
    })
    expect(Date.parse(brief.expiresAt) - Date.parse(brief.updatedAt)).toBe(3_600_000)
    const hidden = (await ask('document', { namespace: ['users', '1'], key: 'hidden' })).body
    expect(hidden).toMatchObject({ index: false, parts: [] })
    expect(await ask('document', { namespace: ['users', '1'], key: 'none' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('gone') },
    })
  })

  test('a search by meaning, with filter, least score, passage and latency', async () => {
    const { ask } = await startStudio(folder)
    expect((await ask('info')).body).toMatchObject({ modes: ['vector'], writable: false })
    const { body } = await ask('search', { prefix: ['users'], query: 'how long does tea brew', filter: { lang: 'de' } })
    expect(body).toMatchObject({ mode: 'vector', degraded: false, latencyMs: expect.any(Number) })
    const [hit, ...others] = body.hits
    expect(others).toEqual([])
    expect(hit).toMatchObject({ key: 'tee', field: expect.any(String), part: 0, scores: { vector: hit.score } })
    expect(['Tee', 'Zwei Minuten ziehen lassen']).toContain(hit.text)
    expect((await ask('search', { prefix: [], query: 'tea', minScore: 0.99 })).body.hits).toEqual([])
    expect((await ask('search', { prefix: [], query: 'tea', mode: 'keyword' })).status).toBe(422)
  })

  test('a search by words, and by both, with the score of each leg', async () => {
    await using store = await openNotes(folder, { index: { fields: ['title', 'body'], keywords: true } })
    await store.verify({ repair: true })
    await store.put(['codes'], 'one', { title: 'ERR_1042 is thrown by tea machines' })
    const { ask } = await startStudio(folder)
    expect((await ask('info')).body.modes).toEqual(['hybrid', 'vector', 'keyword'])
    const words = (await ask('search', { prefix: [], query: 'err_1042', mode: 'keyword' })).body
    expect(words).toMatchObject({ mode: 'keyword', hits: [{ key: 'one', scores: { keyword: expect.any(Number) } }] })
    expect(words.hits[0].scores.vector).toBeUndefined()
    const both = (await ask('search', { prefix: [], query: 'err_1042 tea' })).body
    expect(both.mode).toBe('hybrid')
    expect(both.hits[0]).toMatchObject({
      key: 'one',
      text: 'ERR_1042 is thrown by tea machines',
      scores: { keyword: expect.any(Number), vector: expect.any(Number) },
    })
  })

  test('a search in the space of another model, and why there is none', async () => {
    for (const embedder of [local({ dimensions: 64 }), fakeEmbedder()]) {
      const other = await openNotes(folder, { embedder, leaseMs: 100 })
      await other.verify({ repair: true })
      await other.close()
    }
    const { name } = (await spacesOf(folder)).find(({ dimensions }) => dimensions === local().dimensions) as {
      name: string
    }
    const { ask } = await startStudio(folder, '--space', name)
    const { spaces } = (await ask('info')).body
    const of = (model: string) =>
      spaces.find((each: { model: string; current: boolean }) => each.model.startsWith(model) && !each.current)
    expect(spaces).toHaveLength(3)
    expect(spaces.filter(({ current }: { current: boolean }) => current)).toMatchObject([{ name }])
    const { body } = await ask('search', { prefix: ['users', '1'], query: 'green tea', space: of('local').name })
    expect(body.hits[0]).toMatchObject({ key: 'tea', text: 'Green tea' })
    expect(await ask('search', { prefix: [], query: 'tea', space: of('fake').name })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('--config') },
    })
  })

  test('what failed with its reason, and a retry that mends it', async () => {
    await addFailures(folder, ['a', 'b'])
    const { ask } = await startStudio(folder, '--write')
    const before = (await ask('pending')).body
    expect(before).toMatchObject({ waiting: 0, failedCount: 2 })
    expect(before.failed).toMatchObject([
      { namespace: ['refused'], key: 'a', code: 'EMBEDDING_FAILED', message: expect.stringContaining('refused') },
      { key: 'b' },
    ])
    expect((await ask('document', { namespace: ['refused'], key: 'a' })).body.parts).toMatchObject([
      { state: 'missing' },
    ])
    expect((await ask('figures')).body.samples.at(-1)).toMatchObject({ failed: 2, waiting: 0 })
    expect((await ask('retry')).body).toMatchObject({ projected: 2, failed: 0 })
    expect((await ask('pending')).body).toMatchObject({ failedCount: 0, failed: [] })
    expect((await ask('search', { prefix: ['refused'], query: 'refused' })).body.hits).toHaveLength(2)
  })

  test('a deletion of the version that was looked at only', async () => {
    const { ask } = await startStudio(folder, '--write')
    const ref = { namespace: ['users', '1'], key: 'tea' }
    const { version } = (await ask('document', ref)).body
    await using store = await openNotes(folder)
    await store.put(ref.namespace, ref.key, { title: 'Changed' })
    expect(await ask('delete', { ...ref, version })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    const { version: current } = (await ask('document', ref)).body
    expect((await ask('delete', { ...ref, version: current })).status).toBe(200)
    expect(await store.get(ref.namespace, ref.key)).toBeUndefined()
  })

  test('figures keep what they were', async () => {
    const { ask } = await startStudio(folder)
    await ask('search', { prefix: [], query: 'tea' })
    const { body } = await ask('figures')
    expect(body).toMatchObject({
      samples: [{ waiting: 0, failed: 0, points: 9, kvMs: expect.any(Number), vectorsMs: expect.any(Number) }],
      cached: false,
      faults: [],
    })
    expect(body.latencies).toContainEqual(expect.objectContaining({ operation: 'search', count: 1 }))
  })

  test('vectors of every namespace, the same that are stored', async () => {
    const { ask } = await startStudio(folder)
    const { body } = await ask('vectors', { prefix: [] })
    expect(body.groups).toEqual([['a/b'], ['users']])
    expect(body).toMatchObject({ documents: notes.length, dimensions: local().dimensions, partial: false })
    expect(body.points).toHaveLength(9)
    const bytes = Buffer.from(body.vectors, 'base64')
    const rows = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    await using store = await openNotes(folder)
    const [parts = []] = await store.parts([{ namespace: ['a/b'], key: 'k' }], { vectors: true })
    expect(rows.slice(0, body.dimensions)).toEqual(parts[0]?.vector)
    // One namespace alone tells nothing apart: the labels below it do.
    expect((await ask('vectors', { prefix: ['users'] })).body.groups).toEqual([
      ['users', '1'],
      ['users', '10'],
    ])
  })

  test('a store without vectors shows its documents, and says why there is no search', async () => {
    const plain = await openNotes(folder, { collection: 'plain', vectors: undefined, embedder: undefined })
    await plain.put(['a'], 'k', { title: 'Plain' })
    await plain.close()
    const { ask } = await startStudio(folder, '--collection', 'plain')
    expect((await ask('info')).body).toMatchObject({
      modes: [],
      noSearch: expect.stringContaining('no vectors'),
      spaces: [],
    })
    expect((await ask('document', { namespace: ['a'], key: 'k' })).body).toMatchObject({ value: { title: 'Plain' } })
    expect((await ask('search', { prefix: [], query: 'plain' })).status).toBe(422)
    expect((await ask('vectors', { prefix: [] })).body).toMatchObject({ points: [], documents: 1 })
  })
})

async function spacesOf(folder: string) {
  await using store = await openNotes(folder)
  return await store.spaces()
}
