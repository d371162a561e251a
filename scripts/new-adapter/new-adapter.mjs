// `npm run new-adapter -- KIND NAME`: makes the package of an adapter that passes the conformance suite of its port.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pnpm } from '../pnpm.mjs'
import { kinds, scaffold } from './scaffold.mjs'

const usage = `Usage: npm run new-adapter -- ${Object.keys(kinds).join('|')} NAME
NAME is in lower case, such as redis or my-database.
  --no-install    do not link the new package into the workspace
  --root FOLDER   another workspace to write into, without linking`

function main() {
  let parsed
  try {
    const options = { 'no-install': { type: 'boolean' }, root: { type: 'string' } }
    parsed = parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return fail(error.message)
  }
  const [kind, name, ...more] = parsed.positionals
  if (kind === undefined || name === undefined || more.length > 0) return fail('Which kind, and which name?')
  const root = parsed.values.root ?? fileURLToPath(new URL('../..', import.meta.url))
  const link = parsed.values.root === undefined && !parsed.values['no-install']
  const { folder, files, fault } = scaffold(root, kind, name)
  if (fault !== undefined) return fail(fault)
  console.log(files.map((file) => `  ${file}`).join('\n'))
  format(root, files)
  if (link && pnpm(['install', '--no-frozen-lockfile']) !== 0)
    return fail('The package is made, but pnpm could not link it: run `pnpm install`.')
  console.log(`
It passes the suite as it is: npm test -- ${folder}
Then replace what stands in for the real thing, and let the suite say when you are done. See docs/adding-an-adapter.md.`)
}

/** Where a name is long or short, lines break elsewhere than in the templates. */
function format(root, files) {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  if (!existsSync(biome)) return
  const sources = files.filter((file) => /\.(ts|json)$/.test(file))
  const { status, stderr } = spawnSync(process.execPath, [biome, 'check', '--write', ...sources], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) console.error(`Formatting failed; run npm run format:\n${stderr}`)
}

function fail(message) {
  console.error(`${message}\n\n${usage}`)
  process.exitCode = 2
}

main()
