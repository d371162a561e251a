import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const main = join(import.meta.dirname, '..', 'src', 'main.ts')
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args])

it('makes a prompt of the sections that answer, with their numbers and sources', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-rag-'))
  await mkdir(join(folder, 'errors'))
  const codes = Array.from({ length: 20 }, (_, i) => `## ERR_${1030 + i}\n\nThe pump of station ${i} has stopped.\n`)
  await writeFile(join(folder, 'errors', 'codes.md'), `# Codes\n\n${codes.join('\n')}`)
  await writeFile(join(folder, 'tea.md'), '# Tea\n\nGreen tea is brewed at 80 degrees.\n')
  const { stdout, stderr } = await run('--dir', folder, '--max-tokens', '150', 'What does ERR_1042 mean?')
  await rm(folder, { recursive: true })
  expect(stdout).toContain('from 21 sections')
  expect(stdout).toContain('[1] Codes > ERR_1042\n\n## ERR_1042\n\nThe pump of station 12 has stopped.')
  expect(stdout.trimEnd().endsWith('Question: What does ERR_1042 mean?')).toBe(true)
  expect(stderr).toMatch(/^\nSources:\n\[1\] errors\/codes\.md: Codes > ERR_1042 #12\n/)
  const cited = (text: string) => [...text.matchAll(/^\[(\d+)\] /gm)].map(([, number]) => number)
  expect(cited(stdout)).toEqual(cited(stderr))
})

it('needs nothing to show what it does on the documentation of this repository', { timeout: 60_000 }, async () => {
  const { stdout, stderr } = await run()
  expect(stdout).toMatch(/^\[1\] /m)
  expect(stderr).toMatch(/^\[1\] .*\.md: \S/m)
})
