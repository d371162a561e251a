import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const main = join(import.meta.dirname, '..', 'src', 'main.ts')

it('remembers across threads and after a restart, for the user who said it', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-agent-'))
  const args = ['--disable-warning=ExperimentalWarning', main, '--path', join(folder, 'memory.sqlite')]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  await rm(folder, { recursive: true })
  const said = stdout.split('\n').filter((line) => /^ {2}(agent|left)/.test(line))
  expect(said.slice(1)).toEqual([
    '  agent: Drinks green tea, never coffee.',
    '  agent: nothing.',
    '  agent: Lives in Ghent, near the harbour.',
    '  agent: Shall I forget "town"?',
    '  agent: Forgotten.',
    '  left of ann: Drinks green tea, never coffee',
  ])
})
