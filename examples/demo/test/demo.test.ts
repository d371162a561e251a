import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { local } from '@tandemstore/embed-local'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { database, openLibrary } from '../src/library.ts'

const main = join(import.meta.dirname, '..', 'src', 'main.ts')

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-demo-'))
  await mkdir(join(root, 'notes'))
})
afterEach(() => rm(root, { recursive: true }))

const write = (name: string, content: string | Uint8Array) => writeFile(join(root, 'notes', name), content)

/** So many that most of them are still to come when the first ones are reported, however fast the model is. */
async function writeMany(): Promise<number> {
  const sections = 4000
  const parts = Array.from({ length: sections }, (_, i) => `# Chapter ${i}\n\nThe fox jumps over dog number ${i}.\n`)
  await write('many.md', parts.join('\n'))
  return sections
}

const toNumber = (text = '') => Number(text.replaceAll(',', ''))

function start(...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
  const options = ['--dir', join(root, 'notes'), '--data', join(root, 'data'), '--embedder', 'local']
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...options, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(...args)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

/** Runs until some sections are done and others not, and sends a signal then. */
async function runAndSend(signal: NodeJS.Signals): Promise<{ code: number | null; stderr: string }> {
  const child = start('fox')
  const closed = once(child, 'close')
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line)
    const [, done, total] = /^(\d+)\/(\d+) sections/.exec(line) ?? []
    if (done !== undefined && Number(done) < Number(total)) child.kill(signal)
  }
  await closed
  return { code: child.exitCode, stderr: lines.join('\n') }
}

async function verifyLibrary() {
  const [file = ''] = (await readdir(join(root, 'data'))).filter((name) => name.endsWith('.sqlite'))
  await using embedder = local()
  await using library = await openLibrary(await database(join(root, 'data', file)), embedder)
  return await library.verify()
}

describe('the demo', { timeout: 120_000 }, () => {
  it('answers a question from a folder, and embeds only what changed the next time', async () => {
    await write('cats.md', '# Cats\n\nA cat sleeps most of the day and purrs when it is content.\n')
    await write('money.md', '# Money\n\nThe bank raised the interest rate on savings accounts.\n')
    await write('broken.md', new Uint8Array([0, 1, 2]))

    const first = await run('Which animal likes to rest?')
    expect(first.code, first.stderr).toBe(0)
    expect(first.stderr).toContain('2 sections to embed.')
    expect(first.stderr).toContain('Skipped: 1 binary.')
    expect(first.stdout.split('\n')[2]).toMatch(/^1\. [01]\.\d\d {2}notes cats\.md$/)
    // No escape sequence reaches a file or a pipe.
    expect(first.stdout + first.stderr).not.toContain('\u001b')

    const second = await run('Which animal likes to rest?')
    expect(second.code).toBe(0)
    expect(second.stdout).toBe(first.stdout)
    expect(second.stderr).toContain('2 sections unchanged.')
    // The question alone.
    expect(second.stderr).toContain('of 1 text ')

    await write('cats.md', '# Dogs\n\nA dog barks at strangers.\n')
    const third = await run('Which animal likes to rest?')
    expect(third.stderr).toContain('1 section unchanged, 1 section to embed, 1 section to delete.')
    expect(third.stdout).not.toContain('purrs')
  })

  it('asks three questions of its own where none is given, and ends without a terminal', async () => {
    await write('a.txt', 'A text without any heading.\n')
    const { code, stdout, stderr } = await run()
    expect(code, stderr).toBe(0)
    expect(stdout.match(/^.*\?$/gm)).toHaveLength(3)
  })

  it('prints what a file says without its control characters', async () => {
    await write('evil.md', '# Title\u001b[2J\n\nText \u001b]0;owned\u0007with \u202etricks\u009b31m.\n')
    const { stdout } = await run('tricks')
    expect(stdout).toContain('Text with tricks.')
  })

  it('takes no more than the limit, and says how many it left out', async () => {
    await write('a.md', '# A\n\none\n\n# B\n\ntwo\n\n# C\n\nthree\n')
    expect((await run('--limit', '1', 'x')).stderr).toContain('1 section to embed, 2 sections left out by --limit.')
    expect((await run('x')).stderr).toContain('1 section unchanged, 2 sections to embed.')
  })

  it('stops in order on Ctrl-C, and goes on from there', async () => {
    const sections = await writeMany()
    const stopped = await runAndSend('SIGINT')
    expect(stopped.code, stopped.stderr).toBe(130)
    const [, done, left] =
      /Stopped with ([\d,]+) of 4,000 sections searchable\. Nothing is lost: the next run embeds the other ([\d,]+)\./.exec(
        stopped.stderr,
      ) ?? []
    expect(toNumber(done) + toNumber(left), stopped.stderr).toBe(sections)

    const next = await run('fox')
    expect(next.code, next.stderr).toBe(0)
    // What was being written when the first one closed may have been done all the same.
    const [, unchanged, toEmbed] =
      /^([\d,]+) sections? unchanged, ([\d,]+) sections? to embed(?: \([\d,]+ of them stored by an earlier run\))?\.$/m.exec(
        next.stderr,
      ) ?? []
    expect(toNumber(unchanged), next.stderr).toBeGreaterThanOrEqual(toNumber(done))
    expect(toNumber(unchanged) + toNumber(toEmbed)).toBe(sections)
    expect(next.stderr).toMatch(/^[\d,]+ sections? embedded in .*; 4,000 of 4,000 sections searchable now\.$/m)
    expect(await verifyLibrary()).toMatchObject({ checked: sections, missing: 0, stale: 0, orphaned: 0 })
  })

  it('loses nothing when it is killed', async () => {
    const sections = await writeMany()
    const killed = await runAndSend('SIGKILL')
    expect(killed.code).toBeNull()

    const next = await run('fox')
    expect(next.code, next.stderr).toBe(0)
    expect(await verifyLibrary()).toMatchObject({ checked: sections, missing: 0, stale: 0, orphaned: 0 })
  })

  it.each([
    [['--limit', '0'], 2, '--limit takes a whole number of at least 1, not "0".'],
    [['--wrong'], 2, "Unknown option '--wrong'. See --help."],
    [['--embedder', 'gpt'], 2, '--embedder takes auto, transformers or local, not "gpt".'],
    [['--dir', '/nowhere/at/all'], 1, '/nowhere/at/all cannot be read (ENOENT).'],
    [['--dir', main], 1, `${main} is not a folder.`],
  ])('says in a sentence what is wrong with %j', async (args, code, message) => {
    const result = await run(...args)
    expect(result).toEqual({ code, stdout: '', stderr: `${message}\n` })
  })

  it('says that a folder holds nothing to read', async () => {
    expect(await run()).toMatchObject({
      code: 1,
      stderr: `No Markdown or text file was found in ${join(root, 'notes')}.\n`,
    })
  })
})
