import { equal, ok } from 'node:assert/strict'
import { types } from 'cassandra-driver'
import type { Check, CheckKeyspace, Settings } from '../target.ts'
import { rowOf, versionAt } from './rows.ts'

const WRITES = 300
const WORKERS = 8

/** Conditional puts of keys of their own, some at a time. Milliseconds. */
async function measure({ open }: CheckKeyspace, settings: Settings): Promise<string> {
  const collection = await open(settings)
  try {
    const times: number[] = []
    let next = 0
    const work = async (): Promise<void> => {
      while (next < WRITES) {
        next += 1
        const started = performance.now()
        const condition = { kind: 'absent', now: Date.now() } as const
        const [outcome] = await collection.put([{ row: rowOf(`${next} ${Math.random()}`, versionAt(0)), condition }])
        equal(outcome?.status, 'written')
        times.push(performance.now() - started)
      }
    }
    await Promise.all(Array.from({ length: WORKERS }, work))
    const sorted = times.sort((a, b) => a - b)
    const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
    return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
  } finally {
    await collection.close()
  }
}

export const latencies: readonly Check[] = [
  {
    name: 'the clock of the server',
    async run(_target, { open }) {
      const collection = await open()
      try {
        const before = Date.now()
        const { now } = await collection.clock()
        const drift = now - (before + Date.now()) / 2
        ok(Math.abs(drift) < 60_000, `it is ${drift} ms off`)
        return `${Math.round(drift)} ms ahead`
      } finally {
        await collection.close()
      }
    },
  },
  {
    name: `${WRITES} conditional puts over one connection, and over one for each shard`,
    async run(_target, keyspace) {
      const one = await measure(keyspace, { pooling: { coreConnectionsPerHost: { [types.distance.local]: 1 } } })
      return `one connection: ${one}; one a shard: ${await measure(keyspace, {})}`
    },
  },
]
