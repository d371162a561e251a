// Checks that every optional option of every package takes `undefined` under exactOptionalPropertyTypes: who reads options from a
// configuration has `number | undefined`. Looks at the declarations that are built.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { environment } from './pnpm.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Exported names of options and of what adapters declare. */
const optionTypes = /\b[A-Z]\w*(?:Options|Limits)\b/g
/** Of the client that the user brings, as the client has them; and what only adapters pass on. */
const notOurs = new Set(['ExecuteOptions', 'ProviderOptions', 'NearestOptions'])

/** Throws, naming the options that do not. */
export function checkOptions() {
  const work = join(root, 'node_modules', '.cache', 'option-types')
  mkdirSync(work, { recursive: true })
  const lines = [
    'type Optional<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]',
    'type Strict<T> = T extends unknown ? { [K in Optional<T>]: { [P in K]: undefined } extends Pick<T, K> ? never : K }[Optional<T>] : never',
    'type AllTakeUndefined<T> = [Strict<T>] extends [never] ? true : Strict<T>',
  ]
  let count = 0
  for (const name of readdirSync(join(root, 'packages'))) {
    const { exports = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
    for (const { types } of Object.values(exports)) {
      const file = types && join(root, 'packages', name, types)
      if (file === undefined || !existsSync(file)) continue
      const names = new Set(readFileSync(file, 'utf8').match(optionTypes))
      for (const option of names.difference(notOurs)) {
        count += 1
        lines.push(`import type { ${option} as O${count} } from ${JSON.stringify(file.replace(/\.d\.ts$/, '.js'))}`)
        lines.push(`export const ${name.replaceAll('-', '_')}_${option}_${count}: AllTakeUndefined<O${count}> = true`)
      }
    }
  }
  if (count === 0) throw new Error('there are no option types: are the packages built?')
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2024', lib: ['es2024', 'esnext.disposable'], types: ['node'] },
    ...{ typeRoots: [join(root, 'node_modules', '@types')] },
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true },
  }
  writeFileSync(join(work, 'options.ts'), `${lines.join('\n')}\n`)
  writeFileSync(join(work, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['options.ts'] }))
  const { status, stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', work], {
    encoding: 'utf8',
    env: environment,
  })
  if (status !== 0) throw new Error(`options that do not take undefined, or cannot be looked at:\n${stdout}`)
  return count
}

if (import.meta.filename === process.argv[1]) console.log(`✓ ${checkOptions()} types of options take undefined`)
