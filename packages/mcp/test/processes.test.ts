import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { describe, expect, it } from 'vitest'
import { openDefaultStore } from '../src/index.js'
import { answerOf, connectStdio, temporaryFolder } from './support.js'

const SERVERS = 10
const OPERATIONS = 25
const MINUTE_MS = 60_000

const words = [
  'tea',
  'train',
  'bicycle',
  'garden',
  'invoice',
  'holiday',
  'doctor',
  'recipe',
  'password hint',
  'birthday',
]

/** What one client has written and not deleted, as it was acknowledged. */
class Expected {
  readonly texts = new Map<string, string>()
  readonly client: Client
  readonly name: string
  searches = 0

  constructor(client: Client, name: string) {
    this.client = client
    this.name = name
  }

  /** Saves, changes, deletes and searches, one after the other; each acknowledged write has to be found by itself. */
  async operate(i: number): Promise<void> {
    const { client, name, texts } = this
    const text = `${name} notes something about ${words[i % words.length]} number ${i}`
    const key = `${name}-${i}`
    const saved = await answerOf(client, 'memory_save', { key, text, labels: ['all'], tags: [name] })
    texts.set(key, text)
    expect(saved.searchable).toBe(true)
    if (i % 3 === 1) {
      const changed = `${text}, and that it was changed`
      await answerOf(client, 'memory_update', { key, labels: ['all'], text: changed })
      texts.set(key, changed)
    }
    if (i % 5 === 4) {
      await answerOf(client, 'memory_delete', { key, labels: ['all'] })
      texts.delete(key)
    }
    // Its own text is nearest to it.
    const query = texts.get(key) ?? text
    const { hits } = await answerOf(client, 'memory_search', { query, limit: 5, filter: { tags: name } })
    this.searches += 1
    const keys = hits.map((hit: { key: string }) => hit.key)
    if (texts.has(key)) expect(keys).toContain(key)
    else expect(keys).not.toContain(key)
    // All write to this one.
    await answerOf(client, 'memory_update', { key: 'shared', metadata: { [`${name}-${i}`]: i } })
  }
}

async function tenServers(isDone: (operation: number) => boolean): Promise<{ writes: number; searches: number }> {
  const path = join(await temporaryFolder(), 'memory.sqlite')
  // All of them open the file that is not there yet, at the same time.
  const connections = await Promise.all(Array.from({ length: SERVERS }, () => connectStdio(['--db', path])))
  const clients = connections.map(({ client }, i) => new Expected(client, `client${i}`))
  await answerOf((clients[0] as Expected).client, 'memory_save', { key: 'shared', text: 'All write to this one' })
  const operations = await Promise.all(
    clients.map(async (client) => {
      let operation = 0
      for (; !isDone(operation); operation += 1) await client.operate(operation)
      return operation
    }),
  )
  await Promise.all(clients.map(({ client }) => client.close()))
  for (const { log } of connections) expect(log().trim().split('\n')).toHaveLength(1)

  await using store = await openDefaultStore({ path })
  await store.recover()
  const stored = new Map<string, unknown>()
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await store.list(['memories', 'all'], { limit: 1000, cursor })
    for (const { key, value } of page.items) stored.set(key, value.text)
    cursor = page.cursor
  }
  expect(stored).toEqual(new Map(clients.flatMap(({ texts }) => [...texts])))
  const shared = await store.get(['memories'], 'shared')
  const total = operations.reduce((sum, count) => sum + count, 0)
  expect(Object.keys(shared?.value.metadata ?? {})).toHaveLength(total)
  expect(await store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
  return { writes: stored.size, searches: clients.reduce((sum, { searches }) => sum + searches, 0) }
}

describe('ten servers on one SQLite file', () => {
  it(`lose nothing, ${OPERATIONS} rounds each`, { timeout: 300_000 }, async () => {
    const { searches } = await tenServers((operation) => operation === OPERATIONS)
    expect(searches).toBe(SERVERS * OPERATIONS)
  })

  const minute = process.env.TANDEM_MCP_MINUTE === '1'
  if (!minute)
    process.stderr.write('SKIPPED: ten MCP servers on one file for a minute. Set TANDEM_MCP_MINUTE=1 to run it.\n')
  it.skipIf(!minute)('lose nothing in a minute', { timeout: 10 * MINUTE_MS }, async () => {
    const end = performance.now() + MINUTE_MS
    const { writes, searches } = await tenServers(() => performance.now() > end)
    process.stderr.write(`Ten servers in a minute: ${searches} rounds, ${writes} memories at the end.\n`)
    expect(searches).toBeGreaterThan(SERVERS)
  })
})
