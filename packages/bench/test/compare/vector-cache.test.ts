import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { embeddingCacheSuite } from '@tandemstore/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openVectorCache } from '../../src/compare/vector-cache.js'
import { folderOf } from '../corpus/folder-of.js'

const pathOf = async () => join(await folderOf({}), 'deep', 'x.vectors')

async function written(path: string, entries: readonly (readonly [string, Float32Array])[]): Promise<void> {
  const cache = await openVectorCache(path)
  await cache.setMany(entries)
  await cache.settled()
}

test('gives vectors back to the bit, from memory and from the file', async () => {
  const vector = fc
    .array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 5 })
    .map((all) => Float32Array.from(all))
  const key = fc.stringMatching(/^[\w:-]{1,20}$/)
  const entries = fc.uniqueArray(fc.tuple(key, vector), { selector: ([name]) => name, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(entries, async (all) => {
      const path = await pathOf()
      await written(path, all)
      const again = await openVectorCache(path)
      expect(again).toMatchObject({ restored: all.length, broken: 0 })
      expect(await again.getMany([...all.map(([name]) => name), 'none'])).toEqual([
        ...all.map(([, each]) => each),
        undefined,
      ])
    }),
    { numRuns: 20 },
  )
})

describe('what is broken is passed over, and what is whole is not', () => {
  const entries = ['a', 'b', 'c'].map((key, i) => [key, Float32Array.of(i, 0.5)] as const)

  test.each([
    ['cut off in the last line', (text: string) => text.slice(0, -9), ['a', 'b']],
    ['a number changed', (text: string) => text.replace(/^b AACAPwAAAD8/m, 'b AACAPwAAAE8'), ['a', 'c']],
    ['another key', (text: string) => text.replace(/^c /m, 'd '), ['a', 'b']],
    ['anything', () => '\u0000\u0001 garbage\n\nx y z\n', []],
  ])('%s', async (_, damage, left) => {
    const path = await pathOf()
    await written(path, entries)
    const text = await readFile(path, 'utf8')
    expect(damage(text)).not.toBe(text)
    await writeFile(path, damage(text))
    const cache = await openVectorCache(path)
    expect(cache.restored).toBe(left.length)
    expect(cache.broken).toBeGreaterThan(0)
    expect((await cache.getMany(['a', 'b', 'c'])).flatMap((each, i) => (each ? [entries[i]?.[0]] : []))).toEqual(left)

    // And goes on behind it.
    await cache.setMany([['new', Float32Array.of(7)]])
    await cache.settled()
    expect(await (await openVectorCache(path)).getMany(['new'])).toEqual([Float32Array.of(7)])
  })
})

test('keeps nothing in the file after its end, and tells when it cannot write', async () => {
  const path = await pathOf()
  const cache = await openVectorCache(path)
  cache.endFile()
  await cache.setMany([['later', Float32Array.of(1)]])
  await cache.settled()
  expect(await cache.getMany(['later'])).toEqual([Float32Array.of(1)])
  expect((await openVectorCache(path)).restored).toBe(0)

  const gone = await openVectorCache(path)
  await rm(dirname(path), { recursive: true })
  await gone.setMany([['lost', Float32Array.of(1)]])
  await expect(gone.settled()).rejects.toMatchObject({ code: 'ENOENT' })
})

embeddingCacheSuite('of a comparison', async () => ({ cache: await openVectorCache() }))
