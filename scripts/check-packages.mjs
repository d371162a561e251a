// Packs every package and looks at what a user would get: its description, publint, attw, and small programs in an empty project, with their types.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOptions } from './check-options.mjs'
import { pack } from './pack.mjs'
import { environment } from './pnpm.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(root, 'node_modules', '.bin', name)
const work = mkdtempSync(join(tmpdir(), 'tandem-packages-'))
const tarballs = join(work, 'tarballs')
mkdirSync(tarballs)

function run(command, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env: environment })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  return stdout
}

const project = 'https://github.com/tandemstore/tandem'

/** What is wrong with a package as npm shows it. */
function faultsOf(name, tarball) {
  const folder = join(root, 'packages', name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const expected = {
    homepage: `${project}/tree/main/packages/${name}#readme`,
    repository: { type: 'git', url: `git+${project}.git`, directory: `packages/${name}` },
    bugs: `${project}/issues`,
  }
  const faults = Object.entries(expected)
    .filter(([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value))
    .map(([field, value]) => `package.json: ${field} is not ${JSON.stringify(value)}`)
  if (!(manifest.keywords?.length > 0)) faults.push('package.json: there are no keywords')
  // npm shows the README elsewhere than in the repository, where a link to a neighbour leads nowhere.
  for (const [, link] of readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/\]\(([^)\s]+)/g)) {
    const [, path] = link.match(new RegExp(`^${project}/(?:blob|tree|raw)/main/([^#]*)`)) ?? []
    if (path !== undefined && !existsSync(join(root, path))) faults.push(`README.md: ${path} is not in the repository`)
    if (!/^(https?:|#)/.test(link)) faults.push(`README.md: ${link} is a relative link`)
  }
  const files = run('tar', ['-tzf', tarball]).split('\n')
  // A map without the sources that it points at is worse than none.
  const maps = files.filter((file) => file.endsWith('.map'))
  if (maps.length > 0) faults.push(`there are ${maps.length} source maps`)
  return faults
}

/** What a user's first program may look like; the types are checked too. */
const program = `import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { local } from '@tandemstore/embed-local'
import { lruCache } from '@tandemstore/cache-lru'

const { kv, vectors } = sqlite({ path: 'notes.sqlite' })
await using store = await createStore({ collection: 'notes', kv, vectors, embedder: local(), cache: lruCache({ maxEntries: 100 }) })
await store.put(['users', '42'], 'drink', { text: 'prefers green tea' }, { sync: 'wait' })
const [hit] = await store.search(['users', '42'], { query: 'what does she like to drink?' })
console.log(hit?.document.key)
`

/** Of somebody who has neither the types of Node.js nor the newest libraries, and wants every file checked. */
const bareProgram = `import { createStore } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import type { KVBackend } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { local } from '@tandemstore/embed-local'
import { lruCache } from '@tandemstore/cache-lru'

export const kv: KVBackend = memoryKV()
export const open = () => createStore({ collection: 'n', kv, vectors: memoryIndex(), embedder: local(), cache: lruCache({ maxEntries: 1 }) })
export const files = () => sqlite({ path: 'n.db' })
`
const bareProject = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  },
  files: ['bare.ts'],
}

try {
  console.log(`✓ ${checkOptions()} types of options take undefined`)
  const packages = readdirSync(join(root, 'packages')).filter(
    (name) => !JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).private,
  )
  for (const name of packages) {
    pack(name, tarballs)
    const tarball = join(
      tarballs,
      readdirSync(tarballs).find((file) => file.startsWith(`tandemstore-${name}-`)),
    )
    const faults = faultsOf(name, tarball)
    if (faults.length > 0) throw new Error(`${name}:\n  ${faults.join('\n  ')}`)
    run(bin('publint'), ['run', tarball, '--strict'])
    run(bin('attw'), [tarball, '--profile', 'esm-only'])
    console.log(`✓ ${name}: description, publint, attw`)
  }

  const app = join(work, 'app')
  mkdirSync(app)
  const dependencies = Object.fromEntries(
    ['core', 'sqlite', 'embed-local', 'cache-lru'].map((name) => [
      `@tandemstore/${name}`,
      `file:${join(
        tarballs,
        readdirSync(tarballs).find((file) => file.startsWith(`tandemstore-${name}-`)),
      )}`,
    ]),
  )
  const { typescript, '@types/node': nodeTypes } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ).devDependencies
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { ...dependencies, typescript, '@types/node': nodeTypes },
  }
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest))
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    noEmit: true,
  }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
  writeFileSync(join(app, 'tsconfig.bare.json'), JSON.stringify(bareProject))
  writeFileSync(join(app, 'bare.ts'), bareProgram)
  writeFileSync(join(app, 'main.ts'), program)
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], app)
  for (const config of ['tsconfig.json', 'tsconfig.bare.json'])
    run(join(app, 'node_modules', '.bin', 'tsc'), ['-p', config], app)
  const output = run(bin('node'), ['main.ts'], app).trim()
  if (output !== 'drink') throw new Error(`the program printed ${JSON.stringify(output)}`)
  console.log('✓ installed by npm into an empty project: types, with and without those of Node.js, and a program')
} finally {
  rmSync(work, { recursive: true, force: true })
}
