import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const bin = (path: string) => join(repository, 'node_modules', path)
const run = promisify(execFile)
const node = (args: readonly string[], cwd: string) => run(process.execPath, args, { cwd })
const newAdapter = (...args: string[]) => node([join(repository, 'scripts/new-adapter/new-adapter.mjs'), ...args], root)

const made = [
  { kind: 'kv', name: 'toy', folder: 'toy', suite: /^KVBackend: toy/ },
  { kind: 'vectors', name: 'two-words', folder: 'two-words', suite: /^VectorIndex: two-words/ },
  { kind: 'embedder', name: 'a-rather-long-name-of-a-model-server', suite: /^Embedder: a-rather-long/ },
  { kind: 'cache', name: 'toy', suite: /^EmbeddingCache: toy/ },
  { kind: 'reranker', name: 'toy', suite: /^Reranker: toy/ },
].map((each) => {
  const prefix = { embedder: 'embed-', cache: 'cache-', reranker: 'rerank-' }[each.kind] ?? ''
  return { ...each, folder: `packages/${prefix}${each.name}`, changeset: `.changeset/${prefix}${each.name}.md` }
})

/** A workspace with what the packages need around them. */
const root = mkdtempSync(join(tmpdir(), 'tandem-adapters-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Result {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: string
}
let results: readonly Result[] = []

beforeAll(async () => {
  for (const file of ['biome.json', 'tsconfig.base.json', '.gitignore'])
    cpSync(join(repository, file), join(root, file))
  const modules = join(root, 'node_modules')
  symlinkSync(bin(''), modules, 'junction')
  writeFileSync(join(root, 'vitest.config.ts'), "export default { test: { projects: ['packages/*'] } }\n")
  for (const { kind, name, folder } of made) {
    await newAdapter(kind, name, '--root', root)
    // It has what this package has: core, testkit and vitest.
    symlinkSync(join(repository, 'packages/cache-lru/node_modules'), join(root, folder, 'node_modules'), 'junction')
  }
  const output = join(root, 'results.json')
  const arguments_ = ['run', '--reporter=json', `--outputFile=${output}`, '--testTimeout=60000']
  // Vitest ends with 1 where a test failed; the tests below say which.
  await node([bin('vitest/vitest.mjs'), ...arguments_], root).catch((error: unknown) => {
    if (!existsSync(output)) throw error
  })
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as {
    testResults: { assertionResults: readonly Result[] }[]
  }
  results = testResults.flatMap(({ assertionResults }) => assertionResults)
}, 120_000)

test('no test of what was made fails or is skipped', () => {
  expect(results.length).toBeGreaterThan(150)
  expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
})

describe.each(made)('a package made for $kind $name', ({ folder, changeset, suite }) => {
  test('passes the conformance suite of its port', () => {
    const checks = results.filter(({ ancestorTitles }) => suite.test(ancestorTitles[0] ?? ''))
    expect(checks.length).toBeGreaterThanOrEqual(9)
  })

  test('type-checks, builds, and is formatted and free of lint', async () => {
    const tsc = bin('typescript/bin/tsc')
    await node([tsc, '-p', 'tsconfig.json'], join(root, folder))
    await node([tsc, '-p', 'tsconfig.build.json'], join(root, folder))
    expect(existsSync(join(root, folder, 'dist/index.d.ts'))).toBe(true)
    await node([bin('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '--vcs-enabled=false', folder], root)
  })

  test('declares what it imports, and nothing that the templates left', () => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const { name, peerDependencies, devDependencies, dependencies } = manifest
    expect(Object.keys({ ...peerDependencies, ...devDependencies, ...dependencies }).sort()).toEqual([
      '@tandemstore/core',
      '@tandemstore/testkit',
      'vitest',
    ])
    expect(readFileSync(join(root, changeset), 'utf8')).toMatch(`'${name}': minor`)
    const readme = readFileSync(join(root, folder, 'README.md'), 'utf8')
    expect(readme).toContain(`npm install @tandemstore/core ${name}`)
    expect(JSON.stringify(manifest) + readme).not.toMatch(/adapter-?name|package-name|summary-line|kind-keyword/i)
  })
})

test.each([
  [['kv'], /Which kind/],
  [['kv', 'a', 'b'], /Which kind/],
  [['sql', 'toy'], /no kind sql/],
  [['kv', 'Toy'], /lower-case/],
  [['kv', '../toy'], /lower-case/],
  [['kv', 'delete'], /word of JavaScript/],
  [['kv', 'index'], /another src\/index\.ts/],
  [['kv', 'toy'], /is there already/],
  [['kv', 'new-one', '--force'], /--force/],
])('%j is refused', async (args, message) => {
  const error = await newAdapter(...args, '--root', root).catch((each: unknown) => each)
  expect(error).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
})
