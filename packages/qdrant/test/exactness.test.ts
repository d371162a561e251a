import { type DocumentPoints, type Filter, matchesFilter } from '@tandemstore/core/adapter'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { documentOf, keysWhere, versionAt } from './documents.js'
import { scratch, service, spaceOf } from './scratch.js'

const view = new DataView(new ArrayBuffer(8))

/** The doubles next to one, which a parser that rounds carelessly takes for it. */
function neighbours(value: number): number[] {
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  return [-1n, 0n, 1n]
    .map((step) => {
      view.setBigUint64(0, bits + step)
      return view.getFloat64(0)
    })
    .filter(Number.isFinite)
}

describe.skipIf(service === undefined)(`exactness, on a Qdrant found by way of: ${service?.way}`, () => {
  const { index } = scratch('exactness')

  test('numbers that differ in their last bit are told apart, declared or not', async () => {
    const space = await index().open(spaceOf({ name: 'numbers', filterable: { declared: 'float' } }))
    const sample = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e308, max: 1e308 }), 100)
    const numbers = [...sample, ...sample.map(() => Math.random() * 1000)].flatMap(neighbours)
    const documents = numbers.map((each, i): DocumentPoints => {
      const values = { declared: { numbers: [each] }, other: { numbers: [each] } }
      return documentOf(`k${i}`, versionAt(i), { values })
    })
    for (let at = 0; at < documents.length; at += 500) await space.replace(documents.slice(at, at + 500))

    for (const value of numbers.slice(0, 30)) {
      for (const path of ['declared', 'other']) {
        const filters: Filter[] = [
          { op: 'in', path, values: [value] },
          { op: 'range', path, on: 'numbers', compare: 'gt', value },
          { op: 'range', path, on: 'numbers', compare: 'lte', value },
        ]
        for (const filter of filters) {
          const expected = documents.filter(({ values }) => matchesFilter(filter, values)).map(({ key }) => key)
          expect(await keysWhere(space, filter), JSON.stringify(filter)).toEqual(expected.sort())
        }
      }
    }
  })

  test('paths and values that are named like what the index keeps change nothing of it', async () => {
    const space = await index().open(
      spaceOf({ name: 'forging', filterable: { expires: 'integer', writer: 'keyword' } }),
    )
    const names = [
      'document prefixes tenant micros writer expires hash paths values namespace key field part fingerprint',
      'values.paths is numbers.min __proto__ constructor a[] a[0] "quoted" $ * \\.',
    ].flatMap((line) => line.split(' '))
    const values = Object.fromEntries(names.map((name) => [name, { numbers: [0, 1e15], strings: ['susers', 'x'] }]))
    const document = documentOf('k', versionAt(5), { values, expiresAt: 2_000_000_000_000 })
    await space.replace([document])
    const [stored] = await space.get(document.points.map(({ id }) => id))
    expect(stored).toEqual({
      id: document.points[0]?.id,
      namespace: ['users', '42'],
      key: 'k',
      field: 'body',
      part: 0,
      version: versionAt(5),
      hash: 'hash',
      fingerprint: 'made by',
      expiresAt: 2_000_000_000_000,
    })
    for (const path of names) expect(await keysWhere(space, { op: 'in', path, values: ['x'] }), path).toEqual(['k'])
    expect(await keysWhere(space, { op: 'exists', path: 'hash.x' })).toEqual([])
    // Neither older writes, nor a sweep, nor another tenant reach it through those names.
    await space.replace([{ ...document, version: versionAt(4), points: [] }])
    await space.deleteExpired(1e12)
    await space.deletePrefix(['susers'], versionAt(9))
    await space.deletePrefix(['users', '4'], versionAt(9))
    expect(await space.count()).toBe(1)
  })

  test('a long list of values is one condition', async () => {
    const space = await index().open(spaceOf({ name: 'lists' }))
    await space.replace([documentOf('k', versionAt(1), { values: { x: { numbers: [4321.5], strings: ['s4321'] } } })])
    const many = Array.from({ length: 10_000 }, (_, i) => i)
    expect(await keysWhere(space, { op: 'in', path: 'x', values: many })).toEqual([])
    expect(await keysWhere(space, { op: 'in', path: 'x', values: many.map((i) => i + 0.5) })).toEqual(['k'])
    expect(await keysWhere(space, { op: 'in', path: 'x', values: many.map((i) => `s${i}`) })).toEqual(['k'])
  })

  test('a filter as deep and as long as core lets through is taken', async () => {
    const space = await index().open(spaceOf({ name: 'deep' }))
    await space.replace([documentOf('k', versionAt(1), { values: { x: { numbers: [1] } } })])
    const leaf: Filter = { op: 'range', path: 'x', on: 'numbers', compare: 'gt', value: 5 }
    let filter: Filter = { op: 'in', path: 'x', values: [1] }
    // What sixteen levels of { x: { $not … }, $or: [ … ] } become: no operator of core's adds more than two levels
    // here.
    for (let level = 0; level < 16; level += 1) {
      filter = {
        op: 'and',
        filters: [
          { op: 'not', filter: leaf },
          { op: 'or', filters: [leaf, filter] },
        ],
      }
    }
    expect(await keysWhere(space, filter)).toEqual(['k'])
    const many = Array.from({ length: 999 }, (_, i): Filter => ({ ...leaf, value: i + 1 }))
    expect(await keysWhere(space, { op: 'or', filters: many })).toEqual([])
    expect(await keysWhere(space, { op: 'or', filters: [...many, { ...leaf, value: 0.5 }] })).toEqual(['k'])
  })
})
