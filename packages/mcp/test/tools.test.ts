import { type JsonObject, StoreError } from '@tandemstore/core'
import { memoryKV } from '@tandemstore/core/memory'
import { fail, fakeEmbedder, script } from '@tandemstore/testkit'
import { describe, expect, it } from 'vitest'
import { createMcpServer } from '../src/index.js'
import { answerOf, callTool, connect, openStore, textOf } from './support.js'

const namespace = ['users', 'ann']

describe('the tools', () => {
  it('tell what they are and do', async () => {
    const client = await connect(await openStore(), { namespace })
    const { tools } = await client.listTools()
    const hintsOf = Object.fromEntries(tools.map(({ name, annotations }) => [name, annotations]))
    const hints = (readOnlyHint: boolean, destructiveHint: boolean, idempotentHint: boolean) => ({
      readOnlyHint,
      destructiveHint,
      idempotentHint,
      openWorldHint: false,
    })
    expect(hintsOf).toEqual({
      memory_save: hints(false, false, false),
      memory_search: hints(true, false, true),
      memory_get: hints(true, false, true),
      memory_list: hints(true, false, true),
      memory_update: hints(false, true, true),
      memory_delete: hints(false, true, true),
    })
    for (const { title, description, inputSchema, outputSchema } of tools) {
      expect(title).toMatch(/\w/)
      expect(description).toMatch(/\.$/)
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
      expect(outputSchema).toMatchObject({ type: 'object', additionalProperties: false })
    }
    expect(client.getInstructions()).toContain('memory_search')
  })

  it('save, search, read, change and delete', async () => {
    const store = await openStore()
    const client = await connect(store, { namespace })
    const tea = { title: 'Drinks', text: 'Ann likes green tea', tags: ['drink'], metadata: { year: 2026 } }
    const { key, searchable, version } = await answerOf(client, 'memory_save', tea)
    expect(searchable).toBe(true)
    await answerOf(client, 'memory_save', { text: 'Her bicycle is red', key: 'bike', labels: ['things', 'garage'] })
    expect((await store.get([...namespace, 'things', 'garage'], 'bike'))?.value).toEqual({ text: 'Her bicycle is red' })

    const found = await answerOf(client, 'memory_search', { query: 'green tea' })
    expect(found).toMatchObject({ mode: 'vector', left_out: 0, hits: [{ key, title: 'Drinks' }, { key: 'bike' }] })
    expect(found.hits[1].labels).toEqual(['things', 'garage'])
    expect(found.hits[0].score).toBeGreaterThan(found.hits[1].score)
    expect(found.hits[0].date).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(Object.keys(found.hits[0])).not.toContain('text')
    const filtered = await answerOf(client, 'memory_search', {
      query: 'red',
      filter: { 'metadata.year': { $gte: 2026 } },
    })
    expect(filtered.hits).toMatchObject([{ key }])
    expect((await answerOf(client, 'memory_search', { query: 'tea', labels: ['things'] })).hits).toHaveLength(1)
    expect((await answerOf(client, 'memory_search', { query: 'tea', min_score: 2 })).hits).toEqual([])

    const whole = await answerOf(client, 'memory_get', { key })
    expect(whole).toMatchObject({ key, version, value: tea })
    const changes = { key, title: null, tags: ['drink', 'hot'], metadata: { year: null, cups: 2 }, version }
    await answerOf(client, 'memory_update', changes)
    expect((await answerOf(client, 'memory_get', { key })).value).toEqual({
      text: tea.text,
      tags: ['drink', 'hot'],
      metadata: { cups: 2 },
    })
    await answerOf(client, 'memory_update', { key, text: 'Ann likes black coffee', metadata: null, tags: null })
    expect((await answerOf(client, 'memory_get', { key })).value).toEqual({ text: 'Ann likes black coffee' })
    expect((await answerOf(client, 'memory_search', { query: 'coffee', limit: 1 })).hits).toMatchObject([
      { key, title: 'Ann likes black coffee' },
    ])

    expect(await answerOf(client, 'memory_delete', { key })).toEqual({ key, deleted: true })
    expect(await answerOf(client, 'memory_delete', { key })).toEqual({ key, deleted: false })
    expect((await answerOf(client, 'memory_search', { query: 'coffee' })).hits).toMatchObject([{ key: 'bike' }])
  })

  it('search by words and meaning where the store has both, and say the mode', async () => {
    const embedder = script(fakeEmbedder())
    const store = await openStore({
      embedder: embedder.port,
      embedding: { retries: 0 },
      index: { fields: ['title', 'text'], keywords: true },
    })
    const client = await connect(store, { namespace })
    await answerOf(client, 'memory_save', { key: 'right', text: 'The build failed with ERR_1042 again' })
    await answerOf(client, 'memory_save', { key: 'wrong', text: 'The build failed with ERR_1043 again' })
    const modeAndFirst = async (args: JsonObject) => {
      const { mode, hits } = await answerOf(client, 'memory_search', { query: 'ERR_1042', ...args })
      return [mode, hits[0]?.key]
    }
    expect(await modeAndFirst({})).toEqual(['hybrid', 'right'])
    expect(await modeAndFirst({ mode: 'keyword' })).toEqual(['keyword', 'right'])
    expect(await modeAndFirst({ mode: 'vector' })).toEqual(['vector', expect.any(String)])
    expect(textOf(await callTool(client, 'memory_search', { query: 'ERR_1042' }))).toContain('(mode hybrid)')
    embedder.on('embed', fail(new StoreError('UNAVAILABLE', 'The embedder is down')), { times: 100 })
    expect(await modeAndFirst({ query: 'what failed with ERR_1042?' })).toEqual(['keyword', 'right'])
  })

  it('refuse a mode that the store does not have', async () => {
    const client = await connect(await openStore(), { namespace })
    const result = await callTool(client, 'memory_search', { query: 'x', mode: 'keyword' })
    expect(textOf(result)).toBe('This store does not search in mode keyword. Use one of: vector.')
    expect(result.isError).toBe(true)
  })

  it('list page by page, in order of saving, with the labels below', async () => {
    const client = await connect(await openStore(), { namespace })
    const saved: string[] = []
    for (let i = 0; i < 7; i += 1) saved.push((await answerOf(client, 'memory_save', { text: `note ${i}` })).key)
    await answerOf(client, 'memory_save', { text: 'deeper', key: 'z', labels: ['work', 'billing'] })
    await answerOf(client, 'memory_save', { text: 'deeper', key: 'z', labels: ['work', 'taxes'] })
    const first = await answerOf(client, 'memory_list', { limit: 4 })
    expect(first).toMatchObject({ labels_below: ['work'], more_labels: false })
    const listed = [...first.memories]
    for (let { cursor } = first; cursor !== undefined; ) {
      const page = await answerOf(client, 'memory_list', { limit: 4, cursor })
      listed.push(...page.memories)
      cursor = page.cursor
    }
    expect(
      listed
        .map(({ key }) => key)
        .slice(0, 7)
        .sort(),
    ).toEqual([...saved].sort())
    expect(listed.slice(7)).toMatchObject([{ labels: ['work', 'billing'] }, { labels: ['work', 'taxes'] }])
    expect((await answerOf(client, 'memory_list', { labels: ['work'] })).labels_below).toEqual(['billing', 'taxes'])
    expect((await answerOf(client, 'memory_list', { filter: { text: 'note 3' } })).memories).toHaveLength(1)
  })

  it('say the same in the text as in the structure', async () => {
    const client = await connect(await openStore(), { namespace })
    const saved = await callTool(client, 'memory_save', { text: 'Ann likes green tea\nin the morning', labels: ['a'] })
    const { key, version } = saved.structuredContent as { key: string; version: string }
    for (const part of [key, version, '"a"']) expect(textOf(saved)).toContain(part)
    const found = textOf(await callTool(client, 'memory_search', { query: 'tea' }))
    expect(found).toMatch(
      /^1 hit \(mode vector\)\.\n- ".*" labels \["a"\] score 0\.\d+ \d{4}-\d\d-\d\d: Ann likes green tea in the morning$/,
    )
    const listed = textOf(await callTool(client, 'memory_list', {}))
    expect(listed).toContain('1 memory.\nLabels below: ["a"]\n- ')
    const whole = textOf(await callTool(client, 'memory_get', { key, labels: ['a'] }))
    expect(whole).toContain(version)
    expect(whole.endsWith('\n\nAnn likes green tea\nin the morning')).toBe(true)
  })

  it('work on values of other programs', async () => {
    const store = await openStore({ index: { fields: ['name', 'body'] } })
    const ttlMs = 3_600_000
    await store.put(
      [...namespace, 'docs'],
      '1',
      { name: 'Guide', body: 'How to brew', pages: 7 },
      { sync: 'wait', ttlMs },
    )
    await store.put(namespace, '2', { deep: { er: 'x' } }, { sync: 'wait' })
    const client = await connect(store, { namespace, fields: { title: 'name', text: 'body' } })
    expect(
      (await answerOf(client, 'memory_list')).memories.map(({ title }: { title: string }) => title).sort(),
    ).toEqual(['Guide', '{"deep":{"er":"x"}}'])
    const before = await answerOf(client, 'memory_get', { key: '1', labels: ['docs'] })
    await answerOf(client, 'memory_update', { key: '1', labels: ['docs'], text: 'How to bake' })
    const after = await answerOf(client, 'memory_get', { key: '1', labels: ['docs'] })
    expect(after.value).toEqual({ name: 'Guide', body: 'How to bake', pages: 7 })
    expect(Math.abs(Date.parse(after.expiresAt) - Date.parse(before.expiresAt))).toBeLessThan(60_000)
    expect((await answerOf(client, 'memory_search', { query: 'bake' })).hits[0]).toMatchObject({
      key: '1',
      title: 'Guide',
    })
  })

  it('only read with readOnly', async () => {
    const client = await connect(await openStore(), { namespace, readOnly: true })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).sort()).toEqual(['memory_get', 'memory_list', 'memory_search'])
    await expect(callTool(client, 'memory_delete', { key: 'a' })).rejects.toThrow('memory_delete not found')
  })

  it('change a memory that many change at once, and lose nothing', async () => {
    const store = await openStore()
    const client = await connect(store, { namespace })
    await answerOf(client, 'memory_save', { key: 'shared', text: 'counts' })
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        answerOf(client, 'memory_update', { key: 'shared', metadata: { [`by${i}`]: i } }),
      ),
    )
    const { value } = await answerOf(client, 'memory_get', { key: 'shared' })
    expect(Object.keys(value.metadata)).toHaveLength(8)
  })
})

describe('an error', () => {
  it.each([
    ['memory_get', { key: 'nope' }, 'There is no memory with the key "nope"', 'memory_search or memory_list'],
    ['memory_update', { key: 'nope', text: 'x' }, 'There is no memory with the key "nope"', 'memory_list'],
    ['memory_update', { key: 'there' }, 'There is nothing to change', 'at least one of'],
    ['memory_update', { key: 'there', text: 'x', version: 'old' }, 'was changed since', 'memory_get'],
    ['memory_save', { key: 'there', text: 'x' }, 'already', 'memory_update'],
    ['memory_save', { text: 7 }, 'text: Invalid input: expected string, received number', 'Correct the arguments'],
    ['memory_save', { text: '' }, 'text: Too small', 'Correct the arguments'],
    ['memory_save', {}, 'text: Invalid input: expected string, received undefined', 'Correct the arguments'],
    ['memory_save', { text: 'x', namespace: ['other'] }, 'Unrecognized key: "namespace"', 'Correct the arguments'],
    ['memory_save', { text: '\ud800' }, 'well-formed', 'Correct the arguments'],
    ['memory_save', { text: 'x', labels: ['a\0'] }, 'labels.0: must not hold', 'Correct the arguments'],
    ['memory_save', { text: 'x', labels: Array(15).fill('a') }, 'labels: expected at most 14', 'Correct the arguments'],
    ['memory_save', { text: 'x', labels: 'work' }, 'labels: Invalid input: expected array', 'Correct the arguments'],
    ['memory_search', { query: 'x', filter: { year: { $near: 1 } } }, '$near', 'Correct the arguments'],
    ['memory_search', { query: 'x', limit: 1000 }, 'limit: Too big', 'Correct the arguments'],
    ['memory_list', { cursor: 'zzz' }, 'cursor: expected', 'Correct the arguments'],
  ])('of %s %j says what is wrong and how to go on', async (name, args, what, advice) => {
    const client = await connect(await openStore(), { namespace })
    await answerOf(client, 'memory_save', { key: 'there', text: 'something' })
    const result = await callTool(client, name, args)
    expect(Object.keys(result).sort()).toEqual(['content', 'isError'])
    expect(result.isError).toBe(true)
    expect(textOf(result)).toContain(what)
    expect(textOf(result)).toContain(advice)
    expect(textOf(result).length).toBeLessThan(600)
  })

  it.each([
    ['a text', { text: 'x'.repeat(999_001) }, 'text: Too big'],
    ['a text of many bytes', { text: '\u65e5'.repeat(400_000) }, 'value: expected at most 1000000 bytes'],
    ['a key', { text: 'x', key: 'k'.repeat(1025) }, 'key: Too big'],
    ['a value of many levels', { text: 'x', metadata: nested(200) }, 'levels'],
    ['an unknown name', { text: 'x', ['n'.repeat(10_000)]: 1 }, 'Unrecognized key'],
    ['a list of tags', { text: 'x', tags: Array(51).fill('a') }, 'tags: Too big'],
  ])('of %s that is too large says so', async (_name, args, what) => {
    const client = await connect(await openStore(), { namespace })
    const result = await callTool(client, 'memory_save', args)
    expect(result.isError).toBe(true)
    expect(textOf(result)).toContain(what)
    expect(textOf(result)).toContain('Correct the arguments and call the tool again.')
    expect(textOf(result).length).toBeLessThan(600)
    expect((await answerOf(client, 'memory_list')).memories).toEqual([])
  })

  it('of an unknown tool is one of the protocol', async () => {
    const client = await connect(await openStore(), { namespace })
    await expect(callTool(client, 'memory_burn')).rejects.toMatchObject({
      code: -32_602,
      message: /memory_burn not found/,
    })
  })

  it('of the database is told to the operator, and to the model what to do', async () => {
    const told: unknown[] = []
    const kv = script(memoryKV())
    const store = await openStore({ kv: kv.port })
    const client = await connect(store, { namespace, onError: (error) => told.push(error) })
    const broken = new StoreError('KV_FAILED', 'The disk is full', { setup: true })
    kv.on('get', fail(broken), { times: 100 })
    const result = await callTool(client, 'memory_get', { key: 'a' })
    expect(result.isError).toBe(true)
    expect(textOf(result)).toMatch(/The disk is full.*Tell the user that the memory server has to be mended\./)
    expect(told).toHaveLength(1)
  })

  it('of the embedder leaves the memory saved, and says so', async () => {
    const embedder = script(fakeEmbedder())
    const refused = new StoreError('EMBEDDING_FAILED', 'The text is refused')
    const store = await openStore({ embedder: embedder.port })
    const client = await connect(store, { namespace })
    embedder.on('embed', fail(refused), { times: 100 })
    const result = await callTool(client, 'memory_save', { key: 'a', text: 'something' })
    expect(result.isError).not.toBe(true)
    expect(result.structuredContent).toMatchObject({ key: 'a', searchable: false })
    expect(textOf(result)).toContain('memory_search does not find it')
    expect((await answerOf(client, 'memory_get', { key: 'a' })).value).toEqual({ text: 'something' })
  })

  it('of a search without an embedder points to the list', async () => {
    const store = await openStore({ vectors: undefined, embedder: undefined, index: undefined })
    const client = await connect(store, { namespace })
    await answerOf(client, 'memory_save', { text: 'something' })
    expect(textOf(await callTool(client, 'memory_search', { query: 'x' }))).toContain('Use memory_list')
    expect((await answerOf(client, 'memory_list')).memories).toHaveLength(1)
  })

  it('of a store that was closed', async () => {
    const store = await openStore()
    const client = await connect(store, { namespace, onError: () => {} })
    await store.close()
    expect(textOf(await callTool(client, 'memory_get', { key: 'a' }))).toContain('tell the user to start it again')
  })

  it.each([
    [{}, 'options.namespace'],
    [{ namespace: [] }, 'options.namespace'],
    [{ namespace: ['a', ''] }, 'options.namespace'],
    [{ namespace: 'users/1' }, 'options.namespace'],
    [{ namespace, readonly: true }, 'options.readonly'],
    [{ namespace, readOnly: 'yes' }, 'options.readOnly'],
    [{ namespace, fields: { text: 'tags' } }, 'options.fields.text'],
    [{ namespace, fields: { text: 'title' } }, 'options.fields.text'],
    [{ namespace, onError: 1 }, 'options.onError'],
  ])('of the options %j names the field', async (options, field) => {
    const store = await openStore()
    expect(() => createMcpServer(store, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
    )
  })
})

describe('stores without conditional writes', () => {
  it('are written to all the same', async () => {
    const store = await openStore()
    const { capabilities } = store
    const plain = new Proxy(store, {
      get: (target, name) => {
        if (name === 'capabilities') return { ...capabilities, conditionalWrites: false }
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const client = await connect(plain, { namespace })
    await answerOf(client, 'memory_save', { key: 'a', text: 'first' })
    expect(textOf(await callTool(client, 'memory_save', { key: 'a', text: 'second' }))).toContain('already')
    await answerOf(client, 'memory_update', { key: 'a', text: 'third' })
    expect((await answerOf(client, 'memory_get', { key: 'a' })).value).toEqual({ text: 'third' })
  })
})

function nested(levels: number): JsonObject {
  let value: JsonObject = {}
  for (let i = 0; i < levels; i += 1) value = { value }
  return value
}
