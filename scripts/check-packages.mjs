// Packs every package and looks at what a user would get: publint, attw, and a small program in an empty project, with its types.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { environment, pnpm } from './pnpm.mjs'

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

try {
  const packages = readdirSync(join(root, 'packages')).filter(
    (name) => !JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).private,
  )
  for (const name of packages) {
    const folder = join(root, 'packages', name)
    if (pnpm(['pack', '--pack-destination', tarballs], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] }) !== 0) {
      throw new Error(`packing ${name} failed`)
    }
    const tarball = join(
      tarballs,
      readdirSync(tarballs).find((file) => file.startsWith(`tandemstore-${name}-`)),
    )
    run(bin('publint'), ['run', tarball, '--strict'])
    run(bin('attw'), [tarball, '--profile', 'esm-only'])
    console.log(`✓ ${name}: publint, attw`)
  }

  const project = join(work, 'project')
  mkdirSync(project)
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
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    noEmit: true,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  writeFileSync(join(project, 'main.ts'), program)
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], project)
  run(join(project, 'node_modules', '.bin', 'tsc'), ['-p', '.'], project)
  const output = run(bin('node'), ['main.ts'], project).trim()
  if (output !== 'drink') throw new Error(`the program printed ${JSON.stringify(output)}`)
  console.log('✓ installed by npm into an empty project: types and a program')
} finally {
  rmSync(work, { recursive: true, force: true })
}
