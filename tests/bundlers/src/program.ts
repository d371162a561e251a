import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What has files beside its code, so that it has to stay out of a bundle. */
export const unbundled = ['@tandemstore/sqlite', '@tandemstore/embed-local']

/** The program of the README, which tells its outcome in one line of JSON, and waits until its document is searchable. */
const program = `import { createStore } from '@tandemstore/core'
import { sqlite } from '@tandemstore/sqlite'
import { local } from '@tandemstore/embed-local'
import { lruCache } from '@tandemstore/cache-lru'

async function main() {
  const { kv, vectors } = sqlite({ path: ':memory:' })
  const store = await createStore({
    collection: 'memories',
    kv, vectors,
    embedder: local(),
    cache: lruCache({ maxEntries: 10_000 }),
    index: { fields: ['text'], filterable: { year: 'integer' } },
  })
  try {
    await store.put(['users', '42'], 'drink', { text: 'Prefers green tea to coffee', year: 2026 }, { sync: 'wait' })
    const [hit] = await store.search(['users', '42'], { query: 'what does she drink?', filter: { year: { $gte: 2025 } } })
    return { found: hit.document.key }
  } finally {
    await store.close()
  }
}
main()
  .catch(({ name, code, message }) => ({ name, code, message }))
  .then((outcome) => console.log(JSON.stringify(outcome)))
`

/** A fresh folder with the program, from which the packages of the workspace are found. */
export function projectFolder(name: string): { readonly entry: string; readonly out: string } {
  const folder = join(import.meta.dirname, '..', 'node_modules', '.cache', 'bundles', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const entry = join(folder, 'main.mjs')
  writeFileSync(entry, program)
  return { entry, out: join(folder, 'out') }
}

/** What the bundled program tells. It has to end by itself. */
export async function outcomeOf(file: string): Promise<Record<string, string>> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = Promise.all([child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join('')))
  const [code] = await once(child, 'exit')
  const [stdout = '', stderr = ''] = await output
  if (code !== 0) throw new Error(`The bundle ended with ${code}\n${stdout}\n${stderr}`)
  return JSON.parse(stdout)
}
