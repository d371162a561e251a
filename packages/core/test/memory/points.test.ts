import { expect, test } from 'vitest'
import { newSpace, replaceDocument } from '../../src/memory/points.js'

const VERSION = '1800000000000000-aaaaaaaaaaaa'

/** How often ids are looked at when the points of a document of so many replace others of as many. */
function looksAtIds(count: number): number {
  const data = newSpace({ name: 's', dimensions: 2, metric: 'cosine', filterable: {} })
  let looks = 0
  const point = (prefix: string, i: number) => ({
    get id() {
      looks += 1
      return `${prefix}${i}`
    },
    field: 't',
    part: i,
    hash: 'h',
    vector: Float32Array.of(1, 0),
  })
  for (const prefix of ['a', 'b']) {
    const points = Array.from({ length: count }, (_, i) => point(prefix, i))
    const document = { namespace: ['n'], key: 'k', version: VERSION, values: {}, fingerprint: 'f', points }
    expect(replaceDocument(data, document)).toBe('done')
  }
  expect(data.points.size).toBe(count)
  return looks
}

test('replacing the points of a document takes work in proportion to their number', () => {
  expect(looksAtIds(4000)).toBeLessThanOrEqual(8 * looksAtIds(500) + 100)
})
