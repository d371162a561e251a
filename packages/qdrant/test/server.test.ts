import { describe, expect, test } from 'vitest'
import { documentOf, keysWhere, pointOf, versionAt } from './documents.js'
import { request } from './requests.js'
import { scratch, service, spaceOf } from './scratch.js'

describe.skipIf(service === undefined)(`a server, found by way of: ${service?.way}`, () => {
  const { index, collection } = scratch('server')

  test('takes a document that is larger than one request may be', async () => {
    const dimensions = 1536
    const space = await index().open(spaceOf({ name: 'large', dimensions }))
    const vector = Float32Array.from({ length: dimensions }, (_, i) => Math.fround(Math.sin(i + 1)))
    const ref = { namespace: ['users', '42'], key: 'k' }
    const points = Array.from({ length: 1200 }, (_, part) => pointOf(ref, part, { vector }))
    expect(await space.replace([documentOf('k', versionAt(2), { points })])).toEqual(['done'])
    expect(await space.count()).toBe(1200)
    expect(await space.replace([documentOf('k', versionAt(1), { points })])).toEqual(['done'])
    const [first, last] = await space.get([points[0]?.id as string, points.at(-1)?.id as string])
    expect([first?.version, last?.version]).toEqual([versionAt(2), versionAt(2)])
  }, 60_000)

  // The engine alone has no settings to show, and no strict mode.
  test.skipIf(service?.way === 'edge')('takes the settings, and shows them', async () => {
    const settings = { hnsw: { m: 24 }, onDisk: true, tenantDepth: 1, optimizers: { indexing_threshold: 5000 } }
    const quantization = { scalar: { type: 'int8', always_ram: true } } as const
    await index({ ...settings, quantization }).open(spaceOf({ name: 'settings' }))
    const { result } = await request('GET', `/collections/${collection('settings')}`)
    expect(result).toMatchObject({
      config: {
        params: { vectors: { size: 4, distance: 'Cosine', on_disk: true } },
        hnsw_config: { m: 24 },
        optimizer_config: { indexing_threshold: 5000 },
        quantization_config: quantization,
      },
      payload_schema: { tenant: { params: { is_tenant: true } }, prefixes: { data_type: 'keyword' } },
    })
  })

  test.skipIf(service?.way === 'edge')('refuses a wrong setting as CONFIGURATION', async () => {
    const open = index({ hnsw: { ef_construct: 1 } }).open(spaceOf({ name: 'refused' }))
    await expect(open).rejects.toMatchObject({ code: 'CONFIGURATION', retryable: false })
  })

  test.skipIf(service?.way === 'edge')(
    'in strict mode takes everything that is declared: each has its index',
    async () => {
      const filterable = { lang: 'keyword', year: 'integer', price: 'float', open: 'boolean', at: 'datetime' } as const
      const space = await index().open(spaceOf({ name: 'strict', filterable, terms: true }))
      const strict_mode_config = {
        enabled: true,
        unindexed_filtering_retrieve: false,
        unindexed_filtering_update: false,
      }
      await request('PATCH', `/collections/${collection('strict')}`, { strict_mode_config })
      const values = {
        lang: { strings: ['de'] },
        year: { numbers: [2024] },
        price: { numbers: [0.1] },
        open: { booleans: [true] },
        at: { strings: ['1970-01-01'], instants: [0] },
        other: { strings: ['x'] },
      }
      const terms = { terms: ['one', 'two'], weights: [1, 2] }
      const ref = { namespace: ['users', '42'], key: 'k' }
      const document = documentOf('k', versionAt(1), { values, expiresAt: 1e15, points: [pointOf(ref, 0, { terms })] })
      await space.replace([document])
      const bare = document.points.map((point) => ({ ...point, vector: undefined, terms: undefined }))
      expect(await space.replace([{ ...document, version: versionAt(2), points: bare }])).toEqual(['done'])
      const other = bare.map((point) => ({ ...point, terms: { terms: [], weights: [] } }))
      expect(await space.replace([{ ...document, version: versionAt(3), points: other }])).toEqual(['done'])
      const lacking = document.points.map((point) => ({ ...point, vector: null }))
      expect(await space.replace([{ ...document, version: versionAt(4), points: lacking }])).toEqual(['done'])
      const byTerms = await space.queryTerms?.({ terms, prefix: ['users'], now: 0, limit: 5 })
      expect(byTerms?.matches.map(({ key }) => key)).toEqual(['k'])
      expect(await space.replace([{ ...document, version: versionAt(5) }])).toEqual(['done'])
      await space.deletePrefix(['users'], versionAt(0))
      await space.deleteExpired(0)
      const declared = [
        { op: 'in', path: 'lang', values: ['de'] },
        { op: 'in', path: 'open', values: [true] },
        { op: 'exists', path: 'other' },
        { op: 'range', path: 'year', on: 'numbers', compare: 'gte', value: 2024 },
        { op: 'range', path: 'price', on: 'numbers', compare: 'lte', value: 0.1 },
        { op: 'range', path: 'at', on: 'instants', compare: 'lt', value: 1 },
      ] as const
      expect(await keysWhere(space, { op: 'and', filters: declared })).toEqual(['k'])
      await expect(keysWhere(space, { op: 'in', path: 'other', values: ['x'] })).rejects.toMatchObject({
        code: 'INDEX_FAILED',
        retryable: false,
        message: expect.stringContaining('Index required'),
      })
    },
  )

  test('says MODEL_MISMATCH for a collection of another kind, and leaves it as it is', async () => {
    await request('PUT', `/collections/${collection('alien')}`, { vectors: { size: 3, distance: 'Dot' } })
    const open = index().open(spaceOf({ name: 'alien' }))
    await expect(open).rejects.toMatchObject({ code: 'MODEL_MISMATCH', retryable: false })
    const { result } = await request('GET', `/collections/${collection('alien')}`)
    expect(result).toMatchObject({ config: { params: { vectors: { size: 3, distance: 'Dot' } } }, payload_schema: {} })
  })

  test('that lost a collection says so', async () => {
    const space = await index().open(spaceOf({ name: 'lost' }))
    await request('DELETE', `/collections/${collection('lost')}`)
    await expect(space.ping()).rejects.toMatchObject({ code: 'INDEX_FAILED' })
    await expect(space.count()).rejects.toMatchObject({ code: 'INDEX_FAILED', retryable: false })
  })
})
