// Installs the dependencies and builds every package, so that the other scripts can run on a fresh machine.
// `--quiet` says only that it works and what goes wrong, and skips an install that is up to date.
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { pnpm } from './pnpm.mjs'

const root = new URL('..', import.meta.url)
const stamp = new URL('node_modules/.tandem-setup', root)
const lockfile = new URL('pnpm-lock.yaml', root)

export function setUp({ quiet }) {
  const run = (label, args) => {
    if (quiet) process.stderr.write(`${label} …\n`)
    const status = pnpm(args, { stdio: quiet ? ['inherit', 'ignore', 'inherit'] : 'inherit' })
    if (status === 0) return
    process.stderr.write(`${label} failed: pnpm ${args.join(' ')} ended with ${status}\n`)
    process.exit(status)
  }
  const installed = existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lockfile).mtimeMs
  if (!installed) {
    run('Installing dependencies', ['install', '--frozen-lockfile'])
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
}

if (import.meta.filename === process.argv[1]) setUp({ quiet: process.argv.includes('--quiet') })
