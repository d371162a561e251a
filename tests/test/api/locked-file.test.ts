import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { fakeEmbedder, script } from '@tandemstore/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'

describe('a SQLite file that another program has locked', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let other: DatabaseSync

  beforeEach(async () => {
    directory = await temporaryDirectory()
    other = new DatabaseSync(join(directory.path, 'store.db'))
  })
  afterEach(async () => {
    other.close()
    await directory.remove()
  })

  const open = () => {
    const { kv, vectors } = sqlite({ path: join(directory.path, 'store.db'), busyTimeoutMs: 50 })
    const scripts = { kv: script(kv), vectors: script(vectors) }
    const ports = { kv: scripts.kv.port, vectors: scripts.vectors.port }
    return { ...scripts, store: createStore({ collection: 'notes', ...ports, embedder: fakeEmbedder() }) }
  }

  test('is waited for once by a write, for busyTimeoutMs', async () => {
    const { kv, store: opening } = open()
    await using store = await opening
    await store.put(['a'], '1', { text: 'red' }, { sync: 'wait' })
    const before = kv.callsOf('addIntents').length
    other.exec('BEGIN IMMEDIATE')
    await rejection(store.put(['a'], '2', { text: 'blue' }), 'UNAVAILABLE')
    other.exec('ROLLBACK')
    expect(kv.callsOf('addIntents').length).toBe(before + 1)
    await store.put(['a'], '2', { text: 'blue' }, { sync: 'wait' })
    expect(await store.search(['a'], { query: 'blue' })).toHaveLength(2)
  })

  test('is waited for once by an opening', async () => {
    await (await open().store).close()
    other.exec('BEGIN EXCLUSIVE')
    const { kv, store } = open()
    await rejection(store, 'UNAVAILABLE')
    other.exec('ROLLBACK')
    const writes = kv.calls.filter(({ method }) => method !== 'close')
    expect(new Set(writes.map(({ method }) => method)).size).toBe(writes.length)
  })
})
