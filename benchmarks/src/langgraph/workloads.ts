import type { Operation } from '@langchain/langgraph-checkpoint'
import { timed } from '../../../packages/core/bench/measure.ts'
import type { Side } from './stores.ts'

/** Milliseconds of one call of the model. */
export const CALL_MS = 40
/** Names that begin alike, as numbers of users do; and how many items each has. */
const TENANTS = { t1: 10, t10: 100, t100: 1000, t1000: 10_000 }

const put = (tenant: string, i: number) => ({
  namespace: [tenant, 'memories'],
  key: `${i}`,
  value: { text: `${tenant} remembers number ${i}`, i },
})
const puts = (name: string, count: number) => Array.from({ length: count }, (_, i) => put(name, i))
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Milliseconds of each workload on one store. It does them one after the other, and is warm after the first lines. */
export async function runWorkloads({ store, embeddings }: Side): Promise<{
  readonly times: Readonly<Record<string, number>>
  /** Of the model, for the first of them. */
  readonly calls: number
}> {
  await store.start()
  await store.batch(puts('warm', 50))
  for (const i of range(20)) await store.search(['warm'], { query: `number ${i}` })
  embeddings.callMs = CALL_MS
  const query = (i: number) => store.search(['batch'], { query: `remembers number ${i}`, limit: 10 })
  const callsBefore = embeddings.calls
  const batch = await timed(() => store.batch(puts('batch', 1000)))
  const calls = embeddings.calls - callsBefore
  const times = {
    '1,000 puts in one batch': batch,
    '200 puts, one after the other': await timed(async () => {
      for (const { namespace, key, value } of puts('single', 200)) await store.put(namespace, key, value)
    }),
    '200 puts at once': await timed(() =>
      Promise.all(puts('once', 200).map(({ namespace, key, value }) => store.put(namespace, key, value))),
    ),
    '100 searches, one after the other': await timed(async () => {
      for (const i of range(100)) await query(i)
    }),
    '100 searches at once': await timed(() => Promise.all(range(100).map((i) => query(i + 100)))),
    '1,000 gets in one batch': await timed(() =>
      store.batch(puts('batch', 1000).map(({ namespace, key }): Operation => ({ namespace, key }))),
    ),
    '1,000 gets, one after the other': await timed(async () => {
      for (const { namespace, key } of puts('batch', 1000)) await store.get(namespace, key)
    }),
  }
  embeddings.callMs = 0
  return { times, calls }
}

/** What a search for ten items finds of a tenant that has ten, among 11,110 of four tenants whose names begin alike. */
export async function findOwn({ store }: Side): Promise<{ readonly own: number; readonly foreign: number }> {
  for (const [tenant, count] of Object.entries(TENANTS)) {
    const all = puts(tenant, count)
    for (let at = 0; at < all.length; at += 1000) await store.batch(all.slice(at, at + 1000))
  }
  const found = await store.search(['t1'], { query: 'what does number 7 remember?', limit: 10 })
  const own = found.filter(({ namespace }) => namespace[0] === 't1').length
  return { own, foreign: found.length - own }
}
