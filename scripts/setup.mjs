// Installs the dependencies and builds every package, so that the other scripts can run on a fresh machine.
// `--quiet` prints only what goes wrong, and skips an install that is already up to date.
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { environment, pnpm } from './pnpm.mjs'

const root = new URL('..', import.meta.url)
const quiet = process.argv.includes('--quiet')
const stamp = new URL('node_modules/.tandem-setup', root)
const lockfile = new URL('pnpm-lock.yaml', root)

function run(label, args) {
  if (quiet) process.stderr.write(`${label} …\n`)
  const status = pnpm(args, { stdio: quiet ? ['inherit', 'ignore', 'inherit'] : 'inherit', env: environment })
  if (status !== 0) {
    process.stderr.write(`${label} failed: pnpm ${args.join(' ')} ended with ${status}\n`)
    process.exit(status)
  }
}

const installed = existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lockfile).mtimeMs
if (!(quiet && installed)) {
  run('Installing dependencies', ['install', '--frozen-lockfile', ...(quiet ? ['--silent'] : [])])
  writeFileSync(stamp, '')
}
run('Building the packages', [
  'exec',
  'turbo',
  'run',
  'build',
  '--ui=stream',
  `--output-logs=${quiet ? 'errors-only' : 'new-only'}`,
])
