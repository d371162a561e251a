import {
  Annotation,
  Command,
  END,
  entrypoint,
  getConfig,
  getStore,
  interrupt,
  MemorySaver,
  Send,
  START,
  StateGraph,
  task,
} from '@langchain/langgraph'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { StoreBackend } from 'deepagents'
import { AIMessage, createAgent, fakeModel, HumanMessage, tool } from 'langchain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Backend, inMemory, inSqlite, keysOf, type Opened, openStore } from './backends.js'

const namespaceOf = (...labels: string[]): string[] => ['users', getConfig().configurable?.user, ...labels]

const remember = tool(
  async ({ id, text }: { id: string; text: string }) => {
    await getStore()?.put(namespaceOf('memories'), id, { text })
    return 'noted'
  },
  {
    name: 'remember',
    description: 'Keeps something for later',
    schema: z.object({ id: z.string(), text: z.string() }),
  },
)
const recall = tool(
  async ({ query }: { query: string }) => {
    const items = (await getStore()?.search(namespaceOf(), { query, limit: 1 })) ?? []
    return items.map(({ value }) => value.text).join('; ')
  },
  { name: 'recall', description: 'Finds what was kept', schema: z.object({ query: z.string() }) },
)

describe.each([
  ['in memory', async () => inMemory],
  ['on SQLite', inSqlite],
] as const)('graphs, %s', (_, make) => {
  let backend: Backend
  let opened: Opened
  beforeEach(async () => {
    backend = await make()
    opened = await openStore(backend)
  })
  afterEach(async () => {
    await opened.store.stop()
    await backend.cleanup?.()
  })

  const State = Annotation.Root({ text: Annotation<string>, found: Annotation<string[]> })

  it('remember from one thread to another', async () => {
    const { store } = opened
    const graph = new StateGraph(State)
      .addNode('find', async ({ text }, { store: inGraph, configurable }) => {
        const items = await inGraph?.search(['users', String(configurable?.user)], { query: text, limit: 3 })
        return { found: (items ?? []).map(({ value }) => value.text as string) }
      })
      .addNode('keep', async ({ text }, { store: inGraph, configurable }) => {
        await inGraph?.put(['users', String(configurable?.user), 'memories'], text, { text })
        return {}
      })
      .addEdge(START, 'find')
      .addEdge('find', 'keep')
      .addEdge('keep', END)
      .compile({ checkpointer: new MemorySaver(), store })
    const run = (user: string, thread: string, text: string) =>
      graph.invoke({ text, found: [] }, { configurable: { user, thread_id: thread } })
    expect((await run('ann', '1', 'prefers green tea')).found).toEqual([])
    expect((await run('ann', '2', 'green tea or coffee')).found).toEqual(['prefers green tea'])
    expect((await run('anne', '3', 'green tea')).found).toEqual([])
  })

  it('are interrupted and resumed', async () => {
    const { store } = opened
    const graph = new StateGraph(State)
      .addNode('ask', async ({ text }, { store: inGraph }) => {
        await inGraph?.put(['drafts'], 'one', { text })
        const answer = interrupt('may I keep it?') as string
        const draft = await inGraph?.get(['drafts'], 'one')
        await inGraph?.delete(['drafts'], 'one')
        await inGraph?.put(['kept'], 'one', { text: `${draft?.value.text}, ${answer}` })
        return {}
      })
      .addEdge(START, 'ask')
      .compile({ checkpointer: new MemorySaver(), store })
    const config = { configurable: { thread_id: '1' } }
    await graph.invoke({ text: 'tea', found: [] }, config)
    expect(await store.get(['kept'], 'one')).toBeNull()
    expect(await store.get(['drafts'], 'one')).not.toBeNull()
    await graph.invoke(new Command({ resume: 'yes' }), config)
    expect((await store.get(['kept'], 'one'))?.value).toEqual({ text: 'tea, yes' })
    expect(await store.get(['drafts'], 'one')).toBeNull()
  })

  it('keep what 200 nodes write side by side, in few calls of the embedder', async () => {
    const { store, embedder } = opened
    const Many = Annotation.Root({ count: Annotation<number>, found: Annotation<number> })
    const graph = new StateGraph(Many)
      .addNode('fan', async () => ({}))
      .addNode('write', async ({ i }: { i: number }, { store: inGraph }) => {
        await inGraph?.put(['memories', `${i % 10}`], `${i}`, { text: `memory number ${i}` })
        return {}
      })
      .addNode('read', async (_state, { store: inGraph }) => {
        const found = await inGraph?.search(['memories'], { query: 'memory', limit: 500 })
        return { found: found?.length ?? 0 }
      })
      .addEdge(START, 'fan')
      .addConditionalEdges('fan', ({ count }) => Array.from({ length: count }, (_each, i) => new Send('write', { i })))
      .addEdge('write', 'read')
      .addEdge('read', END)
      .compile({ store })
    expect(await graph.invoke({ count: 200, found: 0 })).toMatchObject({ found: 200 })
    const documents = embedder.calls.filter(({ purpose }) => purpose === 'document')
    expect(documents.flatMap(({ texts }) => texts)).toHaveLength(200)
    // Two, where nothing else keeps the processor busy.
    expect(documents.length).toBeLessThan(40)
  })

  it('of the functional API use it', async () => {
    const { store } = opened
    const keep = task('keep', async (text: string) => {
      await getStore()?.put(['notes'], text, { text })
    })
    const flow = entrypoint({ name: 'flow', store, checkpointer: new MemorySaver() }, async (text: string, config) => {
      await keep(text)
      return keysOf((await config.store?.search(['notes'], { query: 'tea' })) ?? [])
    })
    expect(await flow.invoke('green tea', { configurable: { thread_id: '1' } })).toEqual(['green tea'])
  })

  it.each([
    ['createAgent', (model: ReturnType<typeof fakeModel>) => createAgent({ model, tools: [remember, recall], store: opened.store })], // biome-ignore format: one line
    ['createReactAgent', (model: ReturnType<typeof fakeModel>) => createReactAgent({ llm: model, tools: [remember, recall], store: opened.store })], // biome-ignore format: one line
  ])('of agents with tools of memory remember: %s', async (_name, makeAgent) => {
    const model = fakeModel()
      .respondWithTools([
        { name: 'remember', args: { id: 'drink', text: 'drinks green tea' } },
        { name: 'remember', args: { id: 'town', text: 'lives in Ghent' } },
      ])
      .respond(new AIMessage('I will remember that.'))
      .respondWithTools([{ name: 'recall', args: { query: 'green tea or coffee?' } }])
      .respond((messages) => new AIMessage(`You said: ${messages.at(-1)?.text}`))
    const agent = makeAgent(model)
    const say = (text: string) =>
      agent.invoke({ messages: [new HumanMessage(text)] }, { configurable: { user: 'ann' } })
    await say('I live in Ghent and drink green tea')
    expect(keysOf(await opened.store.search(['users', 'ann', 'memories']))).toEqual(['drink', 'town'])
    const { messages } = await say('What shall I order?')
    expect(messages.at(-1)?.text).toBe('You said: drinks green tea')
  })

  it('of deep agents keep their files in it', async () => {
    const { store } = opened
    const files = new StoreBackend({ store, namespace: ['agents', 'one', 'files'] })
    for (let i = 0; i < 120; i += 1) await files.write(`/notes/${i}.md`, `note ${i}`)
    await files.edit('/notes/7.md', 'note', 'changed note')
    await files.delete('/notes/8.md')
    expect((await files.ls('/notes/')).files).toHaveLength(119)
    expect(await files.read('/notes/7.md')).toMatchObject({ content: expect.stringContaining('changed note 7') })
    const { matches } = await files.grep('changed', '/')
    expect(matches).toMatchObject([{ path: '/notes/7.md' }])
  })
})
