// Runs pnpm at the version of `packageManager`, whatever the machine has: `node scripts/pnpm.mjs <arguments>`.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('..', import.meta.url)
const { packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

/** Environment of every child: no telemetry, and no download of CUDA libraries that nothing here uses. */
export const environment = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' }

export function pnpm(args, options = {}) {
  const windows = process.platform === 'win32'
  const { status, error } = spawnSync(windows ? 'npx.cmd' : 'npx', ['-y', packageManager, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
    env: environment,
    ...options,
  })
  if (error) throw error
  return status ?? 1
}

if (import.meta.filename === process.argv[1]) process.exitCode = pnpm(process.argv.slice(2))
