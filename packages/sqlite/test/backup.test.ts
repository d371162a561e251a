import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { backupSqlite, sqlite, sqliteCollections } from '@tandemstore/sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rowOf, temporaryFile } from './support.js'

async function countBatches(path: string): Promise<Map<string, number>> {
  const collection = await sqlite({ path }).kv.open('notes')
  const batches = new Map<string, number>()
  let after: Parameters<typeof collection.list>[0]['after']
  do {
    const { rows, next } = await collection.list({ prefix: ['batch'], after, limit: 1000 })
    for (const { namespace } of rows)
      batches.set(namespace[1] as string, (batches.get(namespace[1] as string) ?? 0) + 1)
    after = next
  } while (after !== undefined)
  await collection.close()
  return batches
}

describe('backupSqlite', () => {
  test('is of one moment while another process writes: whole batches, and all that were acknowledged before', {
    timeout: 60_000,
  }, async () => {
    const path = await temporaryFile()
    const program = fileURLToPath(new URL('./programs/write-forever.ts', import.meta.url))
    const writer = spawn(process.execPath, [program, path, '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void writer.kill('SIGKILL'))
    const acknowledged: string[] = []
    const lines = createInterface({ input: writer.stdout })
    lines.on('line', (line) => acknowledged.push(line))
    const grown = async (to: number): Promise<void> => {
      while (acknowledged.length < to) await once(lines, 'line')
    }
    const sizes: number[] = []
    for (let round = 1; round <= 3; round += 1) {
      await grown(acknowledged.length + 5)
      const before = [...acknowledged]
      const to = `${path}.backup-${round}`
      const { bytes } = await backupSqlite({ path, to })
      expect((await stat(to)).size).toBe(bytes)
      // POSIX only: on Windows files have no such mode.
      if (process.platform !== 'win32') expect((await stat(to)).mode & 0o777).toBe(0o600)
      const batches = await countBatches(to)
      for (const batch of before) expect(batches.has(batch), `batch ${batch}`).toBe(true)
      expect(new Set(batches.values()).size, 'every batch is whole').toBe(1)
      sizes.push(batches.size)
    }
    expect(sizes[2]).toBeGreaterThan(sizes[0] as number)
    expect(writer.exitCode).toBeNull()
  })

  test('overwrites nothing, copies nothing that is no store, and leaves no file of a failure', async () => {
    const path = await temporaryFile()
    const to = `${path}.copy`
    await expect(backupSqlite({ path, to })).rejects.toMatchObject({ code: 'CONFIGURATION' })
    await writeFile(path, 'a text')
    await expect(backupSqlite({ path, to })).rejects.toMatchObject({ code: 'CONFIGURATION' })
    expect(await readdir(dirname(path))).toEqual(['store.db'])

    const store = await temporaryFile()
    await (await sqlite({ path: store }).kv.open('notes')).close()
    await expect(backupSqlite({ path: store, to: path })).rejects.toMatchObject({ code: 'CONFIGURATION' })
    await expect(backupSqlite({ path: store, to: `${store}/none/x` })).rejects.toMatchObject({ code: 'KV_FAILED' })
    expect(await readdir(dirname(store))).toEqual(['store.db'])
  })
})

test('sqliteCollections names the collections of a file', async () => {
  const path = await temporaryFile()
  const { kv } = sqlite({ path })
  const [notes, cards] = [await kv.open('notes'), await kv.open('cards')]
  await notes.put([{ row: rowOf({ namespace: ['a'], key: 'k' }, 1) }])
  expect(await sqliteCollections(path)).toEqual(['cards', 'notes'])
  await Promise.all([notes.close(), cards.close()])
})
