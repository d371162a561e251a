import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CompareReport } from '../../src/result.js'
import { folderOf, jsonLines } from '../corpus/folder-of.js'

/** The program as it is installed; built before the tests. */
const program = resolve(import.meta.dirname, '../../dist/cli.js')

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const own = { ...process.env, OPENAI_API_KEY: '', TANDEM_MODELS: '', ...env }
  const child: ChildProcess = spawn(process.execPath, [program, 'compare', ...args], { cwd, env: own })
  const output = { stdout: '', stderr: '' }
  const { promise, resolve: settle } = Promise.withResolvers<Ended>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (data) => {
      output[name] += data
    })
  }
  child.on('close', (code) => settle({ code, ...output }))
  return { child, ended: promise }
}

const run = (cwd: string, args: readonly string[], env?: Readonly<Record<string, string>>) =>
  start(cwd, args, env).ended

/** Two embedders that need no model: one that counts letters, one that knows only how long a text is. The first can be told to wait. */
const config = `
const counts = (text: string, of: string): number[] => [...of].map((letter) => 0.01 + text.split(letter).length - 1)
let embedded = 0
const letters = {
  model: { provider: 'own', name: 'letters' },
  dimensions: 26,
  limits: { maxInputs: 2, maxConcurrency: 1 },
  embed: async (texts: string[], { purpose, signal }: { purpose: string; signal?: AbortSignal }) => {
    if (purpose === 'document') embedded += texts.length
    if (process.env.WAIT_AFTER !== undefined && embedded > Number(process.env.WAIT_AFTER)) {
      process.stderr.write('WAITING\\n')
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    }
    return { vectors: texts.map((text) => counts(text, 'abcdefghijklmnopqrstuvwxyz')), tokens: texts.length }
  },
}
const lengths = {
  model: { provider: 'own', name: 'lengths' },
  dimensions: 2,
  embed: (texts: string[]) => ({ vectors: texts.map((text) => [1, text.length]) }),
}
export default {
  embedders: [{ name: 'lengths', embedder: lengths }, { name: 'letters', embedder: letters, pricePerMillionTokens: 1 }],
}
`
const topics = ['tea', 'stars', 'rivers', 'bread', 'maps', 'bees', 'clocks', 'quinces']
const files = {
  'tandem.bench.ts': config,
  'corpus/corpus.jsonl': jsonLines(...topics.map((topic) => ({ _id: topic, text: `${topic} and ${topic} once more` }))),
  'corpus/queries.jsonl': jsonLines(...topics.map((topic) => ({ _id: `q ${topic}`, text: topic }))),
  'corpus/qrels/test.tsv': topics.map((topic) => `q ${topic}\t${topic}\t1\n`).join(''),
}
const good = ['--corpus', 'corpus']

describe('tandem-bench compare', () => {
  test('shows a table and a conclusion, and writes JSON and a page', async () => {
    const folder = await folderOf(files)
    const { code, stdout, stderr } = await run(folder, [
      ...good,
      '--json',
      'out/r.json',
      '--html',
      'out/r.html',
      '--seed',
      '7',
    ])
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Written: out/r.json') })
    expect(stdout).toMatch(/^model .*nDCG@10/)
    const report = JSON.parse(await readFile(join(folder, 'out/r.json'), 'utf8')) as CompareReport
    expect(report).toMatchObject({
      format: 'tandem-bench',
      command: 'compare',
      seed: 7,
      configuration: { corpus: 'corpus', asked: ['lengths', 'letters'], store: 'memory', onTooLong: 'truncate' },
      corpus: { name: 'corpus', documents: 8, queries: 8, judgements: 8 },
      embedders: [
        { name: 'lengths' },
        { name: 'letters', exact: { recallAt10: { mean: 1 } }, cost: { perMillionTokens: 1 } },
      ],
    })
    expect(stdout.trimEnd().endsWith(report.conclusion)).toBe(true)
    expect(await readFile(join(folder, 'out/r.html'), 'utf8')).toMatch(/^<!doctype html>/i)
    // Nothing else is left.
    expect(readdirSync(folder).sort()).toEqual(['corpus', 'out', 'tandem.bench.ts'])
  })

  test('lists what cannot be had, and compares the rest', async () => {
    const { code, stdout } = await run(await folderOf(files), [...good, '-e', 'openai:x', '-e', 'letters'])
    expect(code).toBe(0)
    expect(stdout).toContain('Not compared: openai:x (OpenAI needs a key')
  })

  test('takes a folder of texts', async () => {
    const folder = await folderOf({
      'tandem.bench.ts': config,
      'docs/a.md':
        '# Brewing green tea\n\nWater of seventy degrees is best for it.\n\n# Watching the stars\n\nA dark night far from any town is best.',
    })
    const { code, stdout } = await run(folder, ['--corpus', 'docs', '--store', 'sqlite', '--on-too-long', 'chunk'])
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('letters') })
  })
})

describe('its exit code', () => {
  test('is 3 where a threshold is missed, and the report is written all the same', async () => {
    const folder = await folderOf(files)
    const missed = await run(folder, [...good, '--min-ndcg', '0.999', '--json', 'r.json'])
    expect(missed.code).toBe(3)
    expect(missed.stderr).toMatch(/Missed: lengths: nDCG@10 is 0\.\d{4}, below 0\.999/)
    expect(existsSync(join(folder, 'r.json'))).toBe(true)
    expect((await run(folder, [...good, '-e', 'letters', '--max-p95', '0'])).stderr).toMatch(/Missed: letters: the p95/)
    expect((await run(folder, [...good, '-e', 'letters', '-e', 'openai:x', '--max-p95', '60000'])).stderr).toContain(
      'Missed: openai:x',
    )
    expect((await run(folder, [...good, '-e', 'letters', '--min-ndcg', '0.1', '--max-p95', '60000'])).code).toBe(0)
  })

  test.each([
    ['no corpus', [], 'Say what to search in'],
    ['a corpus that is not there', ['--corpus', 'none'], 'there is no such file or folder'],
    ['a flag that there is not', [...good, '--nothing'], "unknown option '--nothing'"],
    ['a number that is none', [...good, '--min-ndcg', '2'], 'Expected a number from 0 to 1'],
    ['a store that there is not', [...good, '--store', 'paper'], 'Allowed choices are memory, sqlite, scylla-qdrant'],
    ['an embedder that there is not', [...good, '-e', 'magic'], '"magic" names no embedder'],
    ['a configuration that is wrong', [...good, '--config', 'wrong.json'], 'wrong.json: seed: expected a whole number'],
  ])('is 2 for %s', async (_, args, problem) => {
    const { code, stderr } = await run(await folderOf({ ...files, 'wrong.json': '{ "seed": "x" }' }), args)
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(problem) })
  })

  test('is 1 for a broken corpus, naming file and line, and where no embedder can be had', async () => {
    const folder = await folderOf({ ...files, 'corpus/queries.jsonl': `${files['corpus/queries.jsonl']}{"_id": "x"` })
    const broken = await run(folder, good)
    expect(broken.code).toBe(1)
    expect(broken.stderr).toContain(`${join('corpus', 'queries.jsonl')}:9: this is not JSON`)
    const none = await run(await folderOf(files), [...good, '-e', 'openai:x'])
    expect(none.code).toBe(1)
    expect(none.stdout).toMatch(/Nothing can be said: openai:x cannot be had/)
  })

  test('is 130 after Ctrl-C, with the database cleared and the work kept for --resume', async () => {
    const folder = await folderOf(files)
    const args = [...good, '-e', 'letters', '--store', 'sqlite', '--path', 'bench.db']
    const { child, ended } = start(folder, args, { WAIT_AFTER: '4' })
    child.stderr?.on('data', (data) => {
      if (String(data).includes('WAITING')) child.kill('SIGINT')
    })
    expect((await ended).code).toBe(130)
    expect(readdirSync(folder).sort()).toEqual(['.tandem-bench', 'corpus', 'tandem.bench.ts'])

    const resumed = await run(folder, [...args, '--resume'])
    expect(resumed.code).toBe(0)
    expect(resumed.stdout).toMatch(/went on from an earlier run, which had embedded [2-6] texts/)
    expect(readdirSync(folder).sort()).toEqual(['corpus', 'tandem.bench.ts'])
  })
})
