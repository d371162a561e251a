import type { VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex } from '@tandemstore/core/memory'
import { expect, test } from 'vitest'
import { openKV } from '../src/kv/context.js'
import { kvChecks } from '../src/kv/suite.js'
import { observe } from '../src/shared/calls.js'
import type { Check } from '../src/shared/check.js'
import { runCheck } from '../src/shared/describe-checks.js'
import { brokenKV } from './broken-kv.js'
import { mapCache } from './map-cache.js'

function find<Context>(checks: Readonly<Record<string, readonly Check<Context>[]>>, name: string) {
  const check = Object.values(checks)
    .flat()
    .find((each) => each.name === name)
  if (check === undefined) throw new Error(`No check is called: ${name}`)
  return check.run
}

test('a check that fails names the method that was called last, of which port, and what came before it', async () => {
  const kv = brokenKV((good) => ({
    list: async (query, options) => {
      const { rows, ...page } = await good.list(query, options)
      return { ...page, rows: rows.toReversed() }
    },
  }))
  const observed = observe(kv, 'KVBackend', 'KVCollection')
  const opened = { ...(await openKV(observed.port)), observed }
  await expect(runCheck(find(kvChecks, 'list gives keys in the order of their UTF-8 bytes'), opened)).rejects.toThrow(
    /^KVCollection\.list \(after KVCollection\.put\): expected .* to deeply equal /,
  )
})

test('what an adapter throws itself is told by the method too, and the calls of an earlier check are not', async () => {
  const index: VectorIndex = { ...memoryIndex(), open: async () => Promise.reject(new Error('no disk')) }
  const observed = observe(index, 'VectorIndex', 'VectorSpace')
  const opened = { observed, context: () => observed.port }
  const space = { name: 's', dimensions: 1, metric: 'cosine', filterable: {} } as const
  await expect(runCheck(async ({ open }) => void (await open(space)), opened)).rejects.toThrow(
    /^VectorIndex\.open: no disk$/,
  )
  const early = async () => Promise.reject(new Error('before any call'))
  await expect(runCheck(early, opened)).rejects.toThrow(/^before any call$/)
})

test('repeated calls are counted, and of many only the last ones are told', async () => {
  const observed = observe(mapCache(), 'EmbeddingCache')
  for (let i = 0; i < 9; i += 1) {
    await observed.port.setMany([])
    await observed.port.setMany([])
    await observed.port.getMany([])
  }
  await observed.port.clear()
  const pair = 'EmbeddingCache.setMany 2 times, EmbeddingCache.getMany'
  expect(observed.describe()).toBe(`EmbeddingCache.clear (after ${pair}, ${pair})`)
})
