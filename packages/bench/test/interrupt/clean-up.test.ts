import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand, startCommand } from '../command.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const ingest = ['ingest', '--sizes', '2000', '--searches', '5']
/** What a command says when it is in the middle of its work. */
const commands = [
  ['ingest', ingest, '2,000 documents, cold …'],
  ['stress', ['stress', '--documents', '20', '--duration', '600'], 'Working on it'],
  ['profile', ['profile', '--documents', '20', '--operations', '5000'], 'Putting'],
] as const

describe.each(commands)('%s', (_name, args, during) => {
  it.each(['SIGINT', 'SIGTERM'] as const)('deletes all it wrote at %s, and ends with 130', async (signal) => {
    for (const where of [[], ['--path', join(folder, 'own.db')]]) {
      const command = startCommand([...args, '--store', 'sqlite', ...where], { folder })
      await command.says(during)
      command.child.kill(signal)
      const { code, stdout, stderr } = await command.ended
      expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: '' })
      expect(stderr).toContain('Stopping')
      expect(stderr).not.toMatch(/While stopping|rror/)
      expect(await readdir(folder)).toEqual([])
    }
  })
})

it('leaves the loop of a store in memory, too', async () => {
  const command = startCommand(['stress', '--store', 'memory', '--documents', '5', '--duration', '600'], {
    folder,
    env: { SLOW_MS: '0' },
  })
  await command.says('Working on it')
  command.child.kill('SIGINT')
  expect(await command.ended).toMatchObject({ code: 130 })
})

it('clears up after a run that was killed', async () => {
  for (const where of [[], ['--path', join(folder, 'own.db')]]) {
    const killed = startCommand([...ingest, '--store', 'sqlite', ...where], { folder })
    await killed.says('2,000 documents, cold …')
    killed.child.kill('SIGKILL')
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })
    const small = ['ingest', '--sizes', '5', '--searches', '1', '--store', 'sqlite', ...where]
    const { code, stderr } = await runCommand(small, { folder })
    expect(code, stderr).toBe(0)
    expect(await readdir(folder)).toEqual([])
  }
})
