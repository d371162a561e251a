import { type KVCollection, type PutRow, StoreError, type WriteOutcome } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { type KVContext, putAll, read, rowOf } from './context.js'

/** A condition is refused where it is not supported: by the call as a whole, or by the outcome of that write. */
async function expectNotSupported(call: () => Promise<WriteOutcome[]>): Promise<void> {
  let error: unknown
  try {
    const [outcome] = await call()
    expect(outcome?.status).toBe('failed')
    if (outcome?.status === 'failed') error = outcome.error
  } catch (thrown) {
    error = thrown
  }
  expect(StoreError.isInstance(error) && error.code, `got ${String(error)}`).toBe('NOT_SUPPORTED')
}

/** Checks that hold where the adapter declares conditional writes; otherwise that it refuses them. */
function conditional(name: string, run: (context: KVContext) => Promise<void>): Check<KVContext> {
  return {
    name,
    async run(context) {
      if (context.kv.capabilities.conditionalWrites) return run(context)
      const { collection, root, version } = context
      const ref = { namespace: [root], key: 'k' }
      const condition = { kind: 'absent', now: Date.now() } as const
      await expectNotSupported(() => collection.put([{ row: rowOf(ref, version()), condition }]))
      expect(await read(collection, ref)).toBeUndefined()
      const row = rowOf(ref, version())
      await putAll(collection, [row])
      const same = { kind: 'version', version: row.version, now: Date.now() } as const
      await expectNotSupported(() => collection.delete([{ ...ref, version: version(), condition: same }]))
      expect(await read(collection, ref)).toEqual(row)
    },
  }
}

async function putOne(collection: KVCollection, write: PutRow): Promise<WriteOutcome | undefined> {
  const outcomes = await collection.put([write])
  expect(outcomes).toHaveLength(1)
  return outcomes[0]
}

export const conditionChecks: readonly Check<KVContext>[] = [
  conditional(
    '`absent` holds where there is no row, and says whose row there is',
    async ({ collection, root, version }) => {
      const ref = { namespace: [root], key: 'k' }
      const first = rowOf(ref, version())
      const now = Date.now()
      expect(await putOne(collection, { row: first, condition: { kind: 'absent', now } })).toMatchObject({
        status: 'written',
      })
      const second = rowOf(ref, version())
      expect(await putOne(collection, { row: second, condition: { kind: 'absent', now } })).toMatchObject({
        status: 'conflict',
        version: first.version,
      })
      expect(await read(collection, ref)).toEqual(first)
    },
  ),
  conditional('`absent` holds after a deletion', async ({ collection, root, version }) => {
    const ref = { namespace: [root], key: 'k' }
    await putAll(collection, [rowOf(ref, version())])
    await collection.delete([{ ...ref, version: version() }])
    const row = rowOf(ref, version())
    const outcome = await putOne(collection, { row, condition: { kind: 'absent', now: Date.now() } })
    expect(outcome?.status).toBe('written')
    expect(await read(collection, ref)).toEqual(row)
  }),
  conditional('`version` holds for exactly that version', async ({ collection, root, version }) => {
    const ref = { namespace: [root], key: 'k' }
    const before = version()
    const first = rowOf(ref, version())
    const now = Date.now()
    await putAll(collection, [first])
    for (const other of [before, version()]) {
      const row = rowOf(ref, version())
      const outcome = await putOne(collection, { row, condition: { kind: 'version', version: other, now } })
      expect(outcome).toMatchObject({ status: 'conflict', version: first.version })
    }
    expect(await read(collection, ref)).toEqual(first)
    const next = rowOf(ref, version(), { createdAt: first.createdAt })
    const outcome = await putOne(collection, { row: next, condition: { kind: 'version', version: first.version, now } })
    expect(outcome?.status).toBe('written')
    expect(await read(collection, ref)).toEqual(next)
  }),
  conditional('`version` does not hold where there is no row', async ({ collection, root, version }) => {
    const ref = { namespace: [root], key: 'k' }
    const condition = { kind: 'version', version: version(), now: Date.now() } as const
    const outcome = await putOne(collection, { row: rowOf(ref, version()), condition })
    expect(outcome?.status).toBe('conflict')
    if (outcome?.status === 'conflict') expect(outcome.version).toBeUndefined()
    expect(await read(collection, ref)).toBeUndefined()
  }),
  conditional('a row that has expired counts as absent, from its very millisecond on', async (context) => {
    const { collection, root, version } = context
    const expiresAt = Date.now() + 3_600_000
    const held = rowOf({ namespace: [root], key: 'held' }, version(), { expiresAt })
    const freed = rowOf({ namespace: [root], key: 'freed' }, version(), { expiresAt })
    await putAll(collection, [held, freed])
    const absent = (now: number) => ({ kind: 'absent', now }) as const
    const same = (now: number) => ({ kind: 'version', version: held.version, now }) as const

    const early = await putOne(collection, { row: rowOf(held, version()), condition: absent(expiresAt - 1) })
    expect(early?.status).toBe('conflict')
    const late = await putOne(collection, { row: rowOf(held, version()), condition: same(expiresAt) })
    expect(late?.status).toBe('conflict')
    expect(await read(collection, held)).toEqual(held)

    const taken = rowOf(freed, version(), { value: '{"taken":true}' })
    expect((await putOne(collection, { row: taken, condition: absent(expiresAt) }))?.status).toBe('written')
    expect(await read(collection, freed)).toMatchObject({ version: taken.version, value: taken.value })
    const live = rowOf(held, version())
    expect((await putOne(collection, { row: live, condition: same(expiresAt - 1) }))?.status).toBe('written')
    expect((await read(collection, held))?.version).toBe(live.version)
  }),
  conditional('a conditional delete follows the same rules', async ({ collection, root, version }) => {
    const ref = { namespace: [root], key: 'k' }
    const row = rowOf(ref, version())
    const now = Date.now()
    await putAll(collection, [row])
    const wrong = { kind: 'version', version: version(), now } as const
    const [refused] = await collection.delete([{ ...ref, version: version(), condition: wrong }])
    expect(refused).toMatchObject({ status: 'conflict', version: row.version })
    expect(await read(collection, ref)).toEqual(row)
    const right = { kind: 'version', version: row.version, now } as const
    const [done] = await collection.delete([{ ...ref, version: version(), condition: right }])
    expect(done?.status).toBe('written')
    expect(await read(collection, ref)).toBeUndefined()
    const [again] = await collection.delete([{ ...ref, version: version(), condition: right }])
    expect(again?.status).toBe('conflict')
  }),
  conditional(
    'a conditional write that is sent again does not undo or double itself',
    async ({ collection, root, version }) => {
      const ref = { namespace: [root], key: 'k' }
      const write = { row: rowOf(ref, version()), condition: { kind: 'absent', now: Date.now() } } as const
      expect((await putOne(collection, write))?.status).toBe('written')
      const again = await putOne(collection, write)
      // Our own version in a conflict tells that the first one took effect.
      if (again?.status === 'conflict') expect(again.version).toBe(write.row.version)
      else expect(again?.status).toBe('written')
      expect(await read(collection, ref)).toEqual(write.row)
    },
  ),
  conditional('a conditional put older than the deletion says whether it was written', async (context) => {
    const { collection, root, version } = context
    const ref = { namespace: [root], key: 'k' }
    const row = rowOf(ref, version())
    await collection.delete([{ ...ref, version: version() }])
    // Databases differ in which of the two orders goes first, but never in silence.
    const outcome = await putOne(collection, { row, condition: { kind: 'absent', now: Date.now() } })
    expect(await read(collection, ref)).toEqual(outcome?.status === 'written' ? row : undefined)
    expect(outcome?.status).not.toBe('failed')
  }),
  conditional(
    'one refused condition in a batch leaves the others as they are',
    async ({ collection, root, version }) => {
      const refs = ['a', 'b', 'c', 'd'].map((key) => ({ namespace: [root], key }))
      const taken = rowOf({ namespace: [root], key: 'b' }, version())
      await putAll(collection, [taken])
      const condition = { kind: 'absent', now: Date.now() } as const
      const rows = refs.map((ref) => rowOf(ref, version()))
      const outcomes = await collection.put(rows.map((row, i) => (i === 3 ? { row } : { row, condition })))
      expect(outcomes.map(({ status }) => status)).toEqual(['written', 'conflict', 'written', 'written'])
      expect(await collection.get(refs)).toEqual([rows[0], taken, rows[2], rows[3]])
    },
  ),
  conditional('of many conditional puts at the same time exactly one is written', async (context) => {
    const { collection, root, version } = context
    const ref = { namespace: [root], key: 'k' }
    const now = Date.now()
    const race = async (condition: PutRow['condition']): Promise<string> => {
      const rows = Array.from({ length: 8 }, () => rowOf(ref, version()))
      const outcomes = await Promise.all(rows.map((row) => putOne(collection, { row, condition })))
      const winners = rows.filter((_, i) => outcomes[i]?.status === 'written')
      expect(winners).toHaveLength(1)
      const winner = winners[0]?.version as string
      expect((await read(collection, ref))?.version).toBe(winner)
      return winner
    }
    const first = await race({ kind: 'absent', now })
    await race({ kind: 'version', version: first, now })
  }),
  conditional(
    'of two conditional puts of one document in one batch one is written',
    async ({ collection, root, version }) => {
      const rows = [0, 1].map(() => rowOf({ namespace: [root], key: 'k' }, version()))
      const condition = { kind: 'absent', now: Date.now() } as const
      const outcomes = await collection.put(rows.map((row) => ({ row, condition })))
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['conflict', 'written'])
      const winner = rows.find((_, i) => outcomes[i]?.status === 'written')
      expect(await read(collection, { namespace: [root], key: 'k' })).toEqual(winner)
    },
  ),
]
