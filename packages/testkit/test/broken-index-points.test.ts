import type { VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex } from '@tandemstore/core/memory'
import { test } from 'vitest'
import { openIndex } from '../src/vectors/context.js'
import { vectorChecks } from '../src/vectors/suite.js'
import { brokenIndex, changeDocuments, highest } from './broken-index.js'
import { expectCaught } from './check-runner.js'

const broken: readonly [what: string, index: () => VectorIndex, caughtBy: string][] = [
  [
    'lets an older document win',
    () =>
      changeDocuments(async (document, good) => {
        const [stored] = await good.get(document.points.map(({ id }) => id))
        return { ...document, replaces: stored?.version }
      }),
    'an older document does not take the place of a newer one, nor delete it',
  ],
  [
    'does not know `replaces`',
    () => changeDocuments(async ({ replaces: _, ...document }) => document),
    'points of exactly the version that `replaces` names give way, though it is higher',
  ],
  [
    'keeps points that are not given',
    () =>
      changeDocuments(async (document, good) => {
        const { points } = await good.scan({ prefix: document.namespace, limit: 1000 })
        const others = points.filter(
          ({ id, key }) => key === document.key && !document.points.some((point) => point.id === id),
        )
        return {
          ...document,
          points: [...document.points, ...others.map(({ id, field, part, hash }) => ({ id, field, part, hash }))],
        }
      }),
    'points that are not given are deleted, of this document alone',
  ],
  [
    'never misses a vector',
    () =>
      brokenIndex((good) => ({
        replace: async (documents, options) => (await good.replace(documents, options)).map(() => 'done'),
      })),
    'a point without its vector is `missing` when it is absent or of another text; the others of the batch are done',
  ],
  [
    'keeps the vector of another text',
    () =>
      changeDocuments(async (document, good) => {
        const stored = await good.get(document.points.map(({ id }) => id))
        const points = document.points.map((point, i) =>
          point.vector ? point : { ...point, hash: stored[i]?.hash ?? point.hash },
        )
        return { ...document, points }
      }),
    'a point without its vector is `missing` when it is absent or of another text; the others of the batch are done',
  ],
  [
    'leaves the values when the vector stays',
    () =>
      brokenIndex((good) => ({
        async replace(documents, options) {
          const whole = documents.filter(({ points }) => points.some(({ vector }) => vector))
          await good.replace(whole, options)
          return documents.map(() => 'done')
        },
      })),
    'without its vector a point keeps the one that is stored, and takes the new values, expiry and version',
  ],
  [
    'is done before it has taken effect',
    () =>
      brokenIndex((good) => {
        let before = Promise.resolve<unknown>(undefined)
        return {
          async replace(documents) {
            before = before.then(() => new Promise(setImmediate)).then(() => good.replace(documents))
            return documents.map(() => 'done')
          },
        }
      }),
    'a replacement is visible to queries when it resolves, and the old vector is gone',
  ],
  [
    'deletes a prefix whatever the version',
    () =>
      brokenIndex((good) => ({ deletePrefix: (prefix, _, options) => good.deletePrefix(prefix, highest, options) })),
    'deletePrefix leaves the points above its version',
  ],
  [
    'sweeps a millisecond late',
    () => brokenIndex((good) => ({ deleteExpired: (before, options) => good.deleteExpired(before - 1, options) })),
    'deleteExpired deletes what expires at or before, to the millisecond, and nothing else',
  ],
  [
    'scans living points only',
    () =>
      brokenIndex((good) => ({
        async scan(query, options) {
          const page = await good.scan(query, options)
          return {
            ...page,
            points: page.points.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt > Date.now()),
          }
        },
      })),
    'scan gives every point once, by pages of any size, expired ones too',
  ],
  [
    'pages a scan by offset',
    () =>
      brokenIndex((good) => ({
        async scan({ prefix, cursor, limit }) {
          const { points } = await good.scan({ prefix, limit: 1000 })
          const from = Number(cursor ?? 0)
          const page = points.slice(from, from + limit)
          return from + limit < points.length ? { points: page, cursor: String(from + limit) } : { points: page }
        },
      })),
    'points deleted between two pages hide no other one',
  ],
  [
    'opens a space whatever its dimensions',
    () => {
      const index = memoryIndex()
      return { ...index, open: (space, options) => index.open({ ...space, dimensions: 4, metric: 'cosine' }, options) }
    },
    'a space of that name with other dimensions or another metric is MODEL_MISMATCH, and stays as it is',
  ],
  [
    'does not look at the signal',
    () => brokenIndex((good) => ({ deletePrefix: (prefix, version) => good.deletePrefix(prefix, version) })),
    'a signal that is aborted already rejects every call, and nothing is done',
  ],
]

test.each(broken)('the suite catches an index that %s', async (_, index, caughtBy) => {
  const { context } = await openIndex(index())
  await expectCaught(vectorChecks, caughtBy, context())
})
