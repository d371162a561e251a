import { StoreError } from '@tandemstore/core'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, gate, outage } from '../../src/gate.ts'
import type { Process } from '../../src/rig.ts'

const expired = () => outage(() => new StoreError('AUTHENTICATION', 'The key has expired'))

describe.each(backendKinds)('room for writes, $name', (kind) => {
  const rig = useRig(kind)
  let process: Process

  beforeEach(async () => {
    process = await rig.current.start({ maxPending: 2 })
    process.store.on('indexBlocked', () => {})
    await process.store.put(['a'], 'old', { title: 'red' }, { sync: 'wait' })
  })

  /** Puts hold all the room there is for them, as the embedder's key has expired. */
  async function blockPuts() {
    const key = expired()
    process.embedder.on('embed', key.behaviour, always)
    for (const name of ['1', '2']) await process.store.put(['a'], name, { title: `blue ${name}` })
    await rejection(process.store.flush(), 'AUTHENTICATION')
    const waiting = process.store.put(['a'], '3', { title: 'blue 3' })
    return { key, waiting }
  }

  test('deletions go on while a fault of the embedder lets no put in', async () => {
    const { store } = process
    const { key, waiting } = await blockPuts()
    for (const sync of ['wait', 'background'] as const) await store.delete(['a'], 'old', { sync })
    const many = Array.from({ length: 20 }, (_, i) => ({ namespace: ['a'], key: `gone ${i}` }))
    expect(await store.deleteMany(many, { sync: 'wait' })).toMatchObject({ deleted: 20, failed: [] })
    expect((await rig.current.raw.points()).map((point) => point.key)).not.toContain('old')
    expect((await rejection(store.flush(), 'AUTHENTICATION')).message).toContain('3 documents')
    key.end()
    await Promise.all([store.flush(), waiting])
    await store.flush()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(3)
  })

  test('a deletion does not overtake a put of its document that waits for room, and one that is aborted waits no more', async () => {
    const { store } = process
    const { key, waiting } = await blockPuts()
    const abort = new AbortController()
    const given = rejection(store.delete(['a'], '3', { signal: abort.signal }), 'ABORTED')
    const deleted = store.delete(['a'], '3')
    abort.abort()
    await given
    key.end()
    await store.flush()
    await Promise.all([waiting, deleted])
    await store.flush()
    expect(await store.get(['a'], '3')).toBeUndefined()
    await rig.current.expectInTandem()
  })

  test('a put does not overtake a deletion of its document that waits for room', async () => {
    const { store, vectors } = process
    const held = gate()
    vectors.on('replace', held.behaviour, always)
    for (const name of ['1', '2']) await store.delete(['a'], name)
    void store.flush().catch(() => {})
    await held.reached
    const deleted = store.delete(['a'], 'old')
    const put = store.put(['a'], 'old', { title: 'blue' })
    held.open()
    await Promise.all([deleted, put])
    await store.flush()
    expect(await store.get(['a'], 'old')).toMatchObject({ value: { title: 'blue' } })
    await rig.current.expectInTandem()
  })

  test('a flush waits for deletions that go on while puts are stuck', async () => {
    const { store, vectors } = process
    const { key, waiting } = await blockPuts()
    const held = gate()
    vectors.on('replace', held.behaviour, always)
    await store.delete(['a'], 'old')
    let isFlushed = false
    const flushed = rejection(store.flush(), 'AUTHENTICATION').finally(() => {
      isFlushed = true
    })
    await held.reached
    await vi.waitFor(async () => expect((await store.stats()).index?.delayed).toBe(2))
    expect(isFlushed).toBe(false)
    held.open()
    await flushed
    key.end()
    await Promise.all([store.flush(), waiting])
  })
})
