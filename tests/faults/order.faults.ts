import { createStore } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, expect, test } from 'vitest'
import { randomFrom } from '../src/random.ts'
import { openRaw } from '../src/raw.ts'
import { expectInTandem } from './compare.ts'
import { connect, deleteEverything, newConnection } from './databases.ts'
import { fields } from './programs/lines.ts'
import { tell } from './report.ts'
import { seed } from './scale.ts'
import { describeWithServices } from './services.ts'

describeWithServices('what is written, and where', ({ cassandra, qdrant }) => {
  const connection = newConnection(cassandra, qdrant)
  afterAll(() => deleteEverything(connection))

  test('many puts and deletes of one key at the same time end with the last one', async ({ task }) => {
    const random = randomFrom(seed)
    const collection = 'batched'
    const embedder = fakeEmbedder({ limits: { maxInputs: 32 } })
    const store = await createStore({ collection, ...connect(connection), embedder, index: { fields } })
    const keys = Array.from({ length: 40 }, (_, i) => String(i))
    let writes = 0
    for (let times = 0; times < 5; times += 1) {
      const last = new Map<string, string | undefined>()
      const under: Promise<unknown>[] = []
      for (let i = 0; i < 800; i += 1) {
        const key = keys[Math.floor(random() * keys.length)] as string
        const title = random() < 0.4 ? undefined : `word${i} of ${key}`
        last.set(key, title)
        writes += 1
        under.push(
          title === undefined ? store.delete(['batch'], key) : store.put(['batch'], key, { title, body: `of ${key}` }),
        )
      }
      await Promise.all(under)
      const documents = await store.getMany(keys.map((key) => ({ namespace: ['batch'], key })))
      expect(documents.map((document) => document?.value.title)).toEqual(keys.map((key) => last.get(key)))
    }
    await store.flush()
    const raw = await openRaw(connect(connection), collection)
    await expectInTandem(raw, fields)
    expect(await raw.intents()).toEqual([])
    await store.close()
    await raw.close()
    tell(task, { seed, writes, asserted: 'every document ended with the last write' })
  })

  test('a store without an embedder or an index touches no index; the points follow when one is there again', async () => {
    const collection = 'plain'
    const { kv } = connect(connection)
    const full = { collection, index: { fields }, embedder: fakeEmbedder() }
    const first = await createStore({ ...full, ...connect(connection) })
    for (const key of ['kept', 'deleted', 'changed'])
      await first.put(['plain'], key, { title: `the ${key} one` }, { sync: 'wait' })
    await first.close()

    const raw = await openRaw(connect(connection), collection)
    const untouched = await raw.points()
    const store = await createStore({ collection, kv })
    const { indexed } = await store.delete(['plain'], 'deleted')
    await indexed
    await store.put(['plain'], 'changed', { title: 'without an index' })
    await store.put(['plain'], 'new', { title: 'a new one' })
    await store.delete(['plain'], 'never there')
    await store.flush()
    await store.close()
    expect(await raw.points()).toEqual(untouched)

    // Gone at once all the same: what is found is read from the KV.
    const again = await createStore({ ...full, ...connect(connection), sync: 'manual' })
    const hits = await again.search(['plain'], { query: 'the deleted one' })
    expect(hits.map(({ document }) => document.key).sort()).toEqual(['changed', 'kept'])
    await again.recover()
    await expectInTandem(raw, fields)
    expect((await raw.points()).map(({ key }) => key).sort()).toEqual(['changed', 'kept', 'new'])
    await again.close()
    await raw.close()
  })
})
