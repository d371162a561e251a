import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { compare } from '../../src/compare/compare.js'
import type { CompareReport } from '../../src/result.js'
import { folderOf } from '../corpus/folder-of.js'
import { type Failing, failing, good, makeCorpus, poor } from './tea-corpus.js'

const corpus = makeCorpus()
const documents = corpus.documents.length
const qualities = ({ embedders }: CompareReport) => embedders.map(({ name, exact, index }) => ({ name, exact, index }))

describe('of what a broken comparison kept, only what is whole is believed', () => {
  let folder: string
  let files: string[]
  let finished: Failing
  let broken: Failing
  const resume = () =>
    compare({ corpus, embedders: [finished.embedder, broken.embedder], state: { folder, resume: true } })
  const find = (wanted: (name: string) => boolean) => files.find(wanted) ?? 'none'
  const result = () => find((name) => /\/[0-9a-f]+\.json$/.test(name))
  /** Of the embedder that is not finished: the one without a result. */
  const ingest = () =>
    find((name) => name.endsWith('.ingest.json') && !result().startsWith(name.replace('.ingest.json', '')))
  const vectors = () => ingest().replace('.ingest.json', '.vectors')

  beforeEach(async () => {
    folder = await folderOf({})
    finished = failing(poor(), Number.POSITIVE_INFINITY)
    broken = failing(good(), 20)
    await compare({ corpus, embedders: [finished.embedder, broken.embedder], state: { folder, resume: false } })
    finished.mend()
    broken.mend()
    const [run = ''] = await readdir(folder)
    files = (await readdir(join(folder, run))).map((name) => join(folder, run, name))
    return async () => rm(folder, { recursive: true, force: true })
  })

  test('whole, it is used', async () => {
    await resume()
    expect([finished.embedded.length, broken.embedded.length]).toEqual([0, documents - 20])
  })

  test('a result that was changed is measured again', async () => {
    const text = await readFile(result(), 'utf8')
    await writeFile(result(), text.replace('"mean":0.', '"mean":0.9'))
    const report = await resume()
    expect(report.warnings).toContain('What an earlier run kept of fake:poor is broken, and was measured again')
    expect(qualities(report)).toEqual(qualities(await compare({ corpus, embedders: [poor(), good()] })))
  })

  test('a result that was cut off is measured again', async () => {
    const text = await readFile(result(), 'utf8')
    await writeFile(result(), text.slice(0, text.length / 2))
    expect((await resume()).embedders).toHaveLength(2)
  })

  test('vectors that were changed are made again', async () => {
    const lines = (await readFile(vectors(), 'utf8')).split('\n')
    await writeFile(vectors(), lines.map((line, i) => (i === 3 ? line.replace(/A/g, 'B') : line)).join('\n'))
    const report = await resume()
    expect(report.warnings).toContain('1 vectors that an earlier run kept of fake:good are broken, and were made again')
    expect(broken.embedded).toHaveLength(documents - 19)
    expect(qualities(report)).toEqual(qualities(await compare({ corpus, embedders: [poor(), good()] })))
  })

  test('vectors whose time and tokens are not known are made again', async () => {
    await writeFile(ingest(), 'nonsense')
    const report = await resume()
    expect(report.warnings).toEqual([
      expect.stringMatching(/^fake:poor was measured by an earlier run/),
      'What an earlier run kept of fake:good is broken, and was measured again',
    ])
    expect(broken.embedded).toHaveLength(documents)
    expect(report.embedders[1]?.tokens).toBe(882)
  })

  test.each([
    ['by a run that was killed', hostname(), undefined],
    ['by one of another machine, which may be under way', 'elsewhere', 'A tandem-bench on elsewhere'],
  ])('left %s', async (_, host, problem) => {
    const [run = ''] = await readdir(folder)
    const mark = join(folder, run, 'run.json')
    await writeFile(mark, JSON.stringify({ run: 'another', host, pid: 2 ** 22 + 1 }))
    if (problem === undefined) {
      await resume()
      expect(broken.embedded).toHaveLength(documents - 20)
    } else {
      await expect(resume()).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(problem) })
      expect(await readdir(join(folder, run))).toContain('run.json')
    }
  })
})
