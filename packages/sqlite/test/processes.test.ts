import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { KVCollection } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { describe, expect, test } from 'vitest'
import { temporaryFile } from './support.js'

type Program = 'write-forever' | 'leave-open' | 'open-once' | 'change-points'

function run(program: Program, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const file = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url))
  return spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'], ...options })
}

/** What a program prints until its end, which has to be a good one. */
async function output(child: ChildProcess): Promise<string> {
  const printed = child.stdout === null ? '' : text(child.stdout)
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
  return printed
}

async function keysOf(collection: KVCollection): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  let after: Parameters<KVCollection['list']>[0]['after']
  do {
    const { rows, next } = await collection.list({ prefix: ['batch'], after, limit: 1000 })
    for (const { namespace } of rows) {
      const batch = namespace[1] as string
      found.set(batch, (found.get(batch) ?? 0) + 1)
    }
    after = next
  } while (after !== undefined)
  return found
}

describe('kill -9', () => {
  test('every acknowledged batch is there afterwards, ten times', { timeout: 120_000 }, async () => {
    const path = await temporaryFile()
    let first = 0
    const acknowledged = new Set<string>()
    for (let round = 0; round < 10; round += 1) {
      const child = run('write-forever', [path, String(first)])
      const lines = Math.floor(Math.random() * 40) + 1
      let seen = 0
      for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
        acknowledged.add(line)
        seen += 1
        if (seen === lines) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      expect(child.signalCode).toBe('SIGKILL')

      const { kv, vectors } = sqlite({ path })
      const collection = await kv.open('notes')
      const space = await vectors.open({
        name: 'notes',
        dimensions: 8,
        metric: 'cosine',
        filterable: { batch: 'integer' },
      })
      const rows = await keysOf(collection)
      for (const batch of acknowledged) {
        expect(rows.get(batch)).toBe(20)
        const filter = { op: 'in', path: 'batch', values: [Number(batch)] } as const
        const query = { vector: new Float32Array(8).fill(1), prefix: [], filter, now: 0, limit: 100 }
        expect((await space.query(query)).matches).toHaveLength(20)
      }
      // A batch that was cut off is there as a whole or not at all, and its intents tell of it.
      for (const size of rows.values()) expect(size).toBe(20)
      const { intents } = await collection.listIntents({ space: 'notes', limit: 1000 })
      expect([0, 20, 40]).toContain(intents.length)
      await collection.removeIntents(intents)
      await collection.close()
      await space.close()
      first = Math.max(...[...rows.keys(), '0'].map(Number)) + 1
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(10)
  })
})

describe('several processes', () => {
  test('write and read one file at the same time', { timeout: 60_000 }, async () => {
    const path = await temporaryFile()
    // They also race for making it.
    const children = [0, 1000].map((first) => run('write-forever', [path, String(first), String(first + 100)]))
    const done = Promise.all(children.map((child) => output(child)))
    const { kv } = sqlite({ path, busyTimeoutMs: 60_000 })
    const collection = await kv.open('notes')
    let reads = 0
    const reading = (async () => {
      while (children.some(({ exitCode }) => exitCode === null)) {
        for (const size of (await keysOf(collection)).values()) expect(size).toBe(20)
        reads += 1
      }
    })()
    await done
    await reading
    expect(reads).toBeGreaterThan(0)
    expect((await keysOf(collection)).size).toBe(200)
    await collection.close()
  })
})

describe('a search beside other processes that write', () => {
  test('never misses what was acknowledged before it began, and never shows what was deleted', {
    timeout: 120_000,
  }, async () => {
    const path = await temporaryFile()
    const space = await sqlite({ path, busyTimeoutMs: 60_000 }).vectors.open({
      name: 'notes',
      dimensions: 4,
      metric: 'cosine',
      filterable: {},
    })
    const search = async (prefix: string[] = []): Promise<Set<string>> => {
      const query = { vector: Float32Array.of(1, 0, 0, 0), prefix, now: 0, limit: 10_000 }
      return new Set((await space.query(query)).matches.map(({ key }) => key))
    }
    // Begins a copy, which follows from here on.
    await search()
    const there = new Set<string>()
    const gone = new Set<string>()
    const children = [0, 10_000].map((first) => run('change-points', [path, String(first), String(first + 400)]))
    const reading = children.map(async (child) => {
      for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
        const number = line.slice(1)
        if (line[0] === '+') there.add(number)
        else there.delete(number)
        if (line[0] === '-') gone.add(number)
      }
    })
    let searches = 0
    const check = async (prefix?: string[]): Promise<void> => {
      const before = { there: new Set(there), gone: new Set(gone) }
      const found = await search(prefix)
      searches += 1
      expect(
        [...found].filter((each) => before.gone.has(each)),
        'shown though deleted',
      ).toEqual([])
      // What is being deleted may be there or not.
      const inScope = (each: string): boolean => prefix === undefined || String(Number(each) % 3) === prefix[1]
      const missed = [...before.there].filter((each) => there.has(each) && inScope(each) && !found.has(each))
      expect(missed, 'missed').toEqual([])
    }
    while (children.some(({ exitCode }) => exitCode === null)) {
      await check()
      await check(['n', '1'])
    }
    await Promise.all(reading)
    expect(searches).toBeGreaterThan(20)
    await check()
    expect(await search()).toEqual(there)
    expect(there.size).toBeGreaterThan(400)
    await space.close()
  })
})

describe('the end of a process', () => {
  test('a store that was left open does not keep it, a call that is under way does', async () => {
    const path = await temporaryFile()
    expect(await output(run('leave-open', [path]))).toBe('written\n')
  })

  test('a closed store lets it end', async () => {
    expect(await output(run('open-once', [await temporaryFile()]))).toBe('opened\n')
  })
})

test('a file that may not be written is a CONFIGURATION error', async () => {
  const path = await temporaryFile()
  expect(await output(run('open-once', [path]))).toBe('opened\n')
  await chmod(path, 0o444)
  await chmod(dirname(path), 0o555)
  // The superuser may write everything, and becomes nobody.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  expect(await output(run('open-once', [path], user))).toBe('CONFIGURATION\n')
  await chmod(dirname(path), 0o755)
})
