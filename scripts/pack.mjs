// `npm run pack -- --to FOLDER NAME…`: builds the packages and packs some, for a project that npm installs them into.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pnpm } from './pnpm.mjs'
import { setUp } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Packs a package that is built. */
export function pack(name, folder) {
  const status = pnpm(['pack', '--pack-destination', folder], {
    cwd: join(root, 'packages', name),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`packing ${name} failed`)
}

if (import.meta.filename === process.argv[1]) {
  const { values, positionals: names } = parseArgs({ options: { to: { type: 'string' } }, allowPositionals: true })
  const isPackage = (name) => existsSync(join(root, 'packages', name, 'package.json'))
  const unknown = names.find((name) => !isPackage(name))
  if (values.to === undefined || names.length === 0 || unknown !== undefined) {
    const all = readdirSync(join(root, 'packages')).filter((name) => isPackage(name))
    if (unknown !== undefined) console.error(`There is no package ${unknown}.`)
    else console.error(values.to === undefined ? 'Where to? Name a folder with --to.' : 'Which packages? Name some.')
    console.error(`Usage: npm run pack -- --to FOLDER core sqlite …\nPackages: ${all.join(' ')}`)
    process.exit(2)
  }
  const folder = resolve(values.to)
  setUp({ quiet: true })
  mkdirSync(folder, { recursive: true })
  for (const name of names) pack(name, folder)
  console.log(`Packed ${names.join(', ')}. In your project: npm install ${join(folder, '*.tgz')}`)
  if (!names.includes('core')) console.log('Every package needs core as well: pack it, too, unless you have it.')
}
