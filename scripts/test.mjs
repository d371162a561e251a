// `npm test`: sets up, then runs every test that can run on this machine. Arguments go to Vitest.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { environment } from './pnpm.mjs'
import { setUp } from './setup.mjs'

const root = new URL('..', import.meta.url)
const results = new URL('node_modules/.cache/vitest/results.json', root)
const bin = (name) => fileURLToPath(new URL(`node_modules/.bin/${name}`, root))

setUp({ quiet: false })
rmSync(results, { force: true })
const vitest = fileURLToPath(new URL('node_modules/vitest/vitest.mjs', root))
// Generous, for machines that are busy: a test that hangs is found all the same.
const limits = ['--testTimeout=60000', '--hookTimeout=120000']
const { status } = spawnSync(bin('node'), [vitest, 'run', ...limits, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: environment,
})

if (!existsSync(results)) {
  console.error(`\nVitest ended with ${status} before it had a result`)
  process.exit(status || 1)
}
const { testResults } = JSON.parse(readFileSync(results, 'utf8'))
const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
const count = (...states) => tests.filter((test) => states.includes(test.status)).length
const failedFiles = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
const skipped = tests.filter((test) => ['pending', 'skipped', 'todo', 'disabled'].includes(test.status))
if (skipped.length > 0) {
  console.log('\nSkipped:')
  for (const title of new Set(skipped.map(({ ancestorTitles, title }) => ancestorTitles[0] ?? title)))
    console.log(`  ${title}`)
}
console.log(`\n${count('passed')} passed, ${count('failed') + failedFiles} failed, ${skipped.length} skipped`)
process.exitCode = status ?? 1
