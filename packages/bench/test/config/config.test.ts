import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { loadSettings } from '../../src/config/settings.js'
import { nameOf } from '../../src/embedders/available.js'
import { folderOf } from '../corpus/folder-of.js'

const embedder = `{ model: { provider: 'own', name: 'one' }, dimensions: 2, embed: (texts: string[]) => ({ vectors: texts.map(() => [1, 0]) }) }`
const load = async (name: string, text: string) => loadConfig(join(await folderOf({ [name]: text }), name))

describe('a configuration file', () => {
  test('in TypeScript is run as it is, with embedders as objects, and paths from its folder', async () => {
    const folder = await folderOf({
      'tandem.bench.ts': `
        const own = ${embedder}
        export default {
          embedders: ['local', own, { name: 'cheap', embedder: own, pricePerMillionTokens: 0.5 }, { spec: 'openai:x' }],
          json: 'out/report.json',
          connection: { path: 'bench.db', scylla: 'localhost:9042' },
          compare: { corpus: '../docs', minNdcg: 0.4 },
        } satisfies object`,
    })
    const config = await loadConfig(join(folder, 'tandem.bench.ts'))
    expect(config.embedders?.map(nameOf)).toEqual(['local', 'own:one', 'cheap', 'openai:x'])
    expect(config).toMatchObject({
      json: join(folder, 'out', 'report.json'),
      connection: { path: join(folder, 'bench.db'), scylla: 'localhost:9042' },
      compare: { corpus: join(folder, '..', 'docs'), minNdcg: 0.4 },
    })
  })

  test('in JSON and JavaScript', async () => {
    expect(await load('tandem.bench.json', '{ "embedders": ["local"], "seed": 7 }')).toEqual({
      embedders: ['local'],
      seed: 7,
    })
    expect(await load('tandem.bench.mjs', 'export default { store: "sqlite" }')).toEqual({ store: 'sqlite' })
  })

  test.each([
    ['[]', '', 'expected an object'],
    ['{ "embeders": [] }', 'embeders', 'there is no such field'],
    ['{ "embedders": [] }', 'embedders', 'expected a list of at least one embedder'],
    ['{ "embedders": ["local", 3] }', 'embedders[1]', 'expected an object'],
    ['{ "embedders": ["magic:x"] }', 'embedders[0]', '"magic:x" names no embedder'],
    ['{ "embedders": [{ "spec": "magic:x" }] }', 'embedders[0].spec', '"magic:x" names no embedder'],
    ['{ "embedders": [{ "name": "x" }] }', 'embedders[0]', 'one of spec and embedder'],
    ['{ "embedders": [{ "embedder": {} }] }', 'embedders[0].embedder', 'expected an Embedder, such as local()'],
    [
      '{ "embedders": [{ "spec": "local", "pricePerMillionTokens": -1 }] }',
      'embedders[0].pricePerMillionTokens',
      'a number of at least 0',
    ],
    ['{ "store": "mysql" }', 'store', 'expected one of memory, sqlite, scylla-qdrant'],
    ['{ "collection": "No" }', 'collection', 'expected a name'],
    ['{ "seed": 1.5 }', 'seed', 'expected a whole number of at least 0'],
    ['{ "connection": { "host": "x" } }', 'connection.host', 'there are path, search, scylla'],
    ['{ "compare": { "minNdcg": 40 } }', 'compare.minNdcg', 'expected a number from 0 to 1'],
    ['{ "compare": { "maxQueries": 0 } }', 'compare.maxQueries', 'expected a whole number of at least 1'],
    ['{ "compare": { "corpus": "" } }', 'compare.corpus', 'expected a text'],
    ['{ "compare": { "modes": ["fuzzy"] } }', 'compare.modes', 'a list of some of vector, keyword, hybrid'],
    ['{ "connection": { "search": "fast" } }', 'connection.search', 'expected one of exact, approximate'],
    ['{ "reranker": { "name": "x" } }', 'reranker', 'expected a Reranker, such as crossEncoder({ model })'],
    ['{ "compare": { "onTooLong": "error" } }', 'compare.onTooLong', 'expected one of truncate, chunk'],
  ])('that is wrong is an error that names the field: %s', async (text, field, problem) => {
    await expect(load('tandem.bench.json', text)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      field: field === '' ? 'default' : field,
      message: expect.stringMatching(new RegExp(`tandem\\.bench\\.json: ${field.replace(/[[\]]/g, '\\$&')}.*`)),
    })
    await expect(load('tandem.bench.json', text)).rejects.toThrow(problem)
  })

  test.each([
    ['tandem.bench.json', '{ "seed": ', 'JSON'],
    ['tandem.bench.mjs', 'export const config = {}', 'expected a default export'],
    ['tandem.bench.mjs', 'throw new Error("no key here")', 'no key here'],
    ['tandem.bench.ts', 'export default { seed: }', 'tandem.bench.ts'],
  ])('that cannot be read is one that names the file: %s %s', async (name, text, problem) => {
    await expect(load(name, text)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(problem),
    })
    await expect(load(name, text)).rejects.toThrow(name)
  })

  test('that is not there is one only if it was asked for', async () => {
    await expect(loadConfig('/nowhere/tandem.bench.ts')).rejects.toMatchObject({ code: 'CONFIGURATION' })
    expect(await loadConfig()).toEqual({})
  })
})

describe('settings', () => {
  test('have defaults', async () => {
    expect(await loadSettings({})).toEqual({
      embedders: ['local'],
      models: undefined,
      store: 'memory',
      connection: {},
      collection: 'tandem_bench',
      json: undefined,
      html: undefined,
      seed: 42,
      compare: {},
    })
  })

  test('come from flags before the file, and a flag may name an embedder of the file', async () => {
    const folder = await folderOf({
      'c.ts': `export default {
        embedders: [{ name: 'mine', embedder: ${embedder} }, 'local'],
        store: 'sqlite', seed: 7, html: 'a.html', connection: { keyspace: 'one', scylla: 'a:1' },
      }`,
    })
    const config = join(folder, 'c.ts')
    const settings = await loadSettings({
      config,
      embedder: ['mine', 'gemini:x'],
      store: 'memory',
      seed: 0,
      scylla: 'b:2',
    })
    expect(settings).toMatchObject({ store: 'memory', seed: 0, html: join(folder, 'a.html') })
    expect(settings.connection).toEqual({ keyspace: 'one', scylla: 'b:2' })
    expect(settings.embedders).toEqual([expect.objectContaining({ name: 'mine' }), 'gemini:x'])
    expect((await loadSettings({ config })).embedders.map(nameOf)).toEqual(['mine', 'local'])
  })
})
