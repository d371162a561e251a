/** `npm run test:faults -- [--rounds N] [--seed S] [file …]`: runs the tests of faults, all of them or those of some files. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string' } },
  allowPositionals: true,
})
const rounds = Number(values.rounds)
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new RangeError('--rounds: expected a whole number above 0')
const seed = Number(values.seed ?? Date.now() & 0x7fffffff)
if (!Number.isSafeInteger(seed)) throw new RangeError('--seed: expected a whole number')

process.stdout.write(`npm run test:faults -- --rounds ${rounds} --seed ${seed}\n`)
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const config = join(import.meta.dirname, 'vitest.config.ts')
const child = spawn(process.execPath, [vitest, 'run', '--config', config, ...positionals], {
  stdio: 'inherit',
  env: { ...process.env, TANDEM_ROUNDS: String(rounds), TANDEM_SEED: String(seed) },
})
// From a terminal it has them already; twice does no harm.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
const [code] = (await once(child, 'exit')) as [number | null]
process.exitCode = code ?? 1
