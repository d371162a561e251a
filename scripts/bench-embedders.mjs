// `npm run bench:embedders`: compares every embedding model that this machine has, without any key, on the documentation of this repository, and writes
// bench-report/embedders.html and .json. Further arguments go to `tandem-bench compare`, such as `--corpus FOLDER` or `--store sqlite`.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

const given = process.argv.slice(2)
const has = (...flags) => given.some((each) => flags.some((flag) => each === flag || each.startsWith(`${flag}=`)))

const models = [process.env.TANDEM_MODELS, join(root, '.cache', 'models')].find(
  (path) => path !== undefined && existsSync(path) && modelsIn(path).length > 0,
)
// Where there is none, the Hugging Face hub is asked; if it cannot be reached, the report says so.
const names = models === undefined ? ['Xenova/all-MiniLM-L6-v2'] : modelsIn(models)

function modelsIn(folder) {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'config.json')))
}

process.argv.splice(
  2,
  given.length,
  'compare',
  ...(has('--corpus', '--config', '-c') ? [] : ['--corpus', '.']),
  ...(models === undefined || has('--models') ? [] : ['--models', models]),
  ...(has('--embedder', '-e', '--config', '-c')
    ? []
    : ['local', ...names.map((name) => `transformers:${name}`)].flatMap((spec) => ['--embedder', spec])),
  ...(has('--json') ? [] : ['--json', 'bench-report/embedders.json']),
  ...(has('--html') ? [] : ['--html', 'bench-report/embedders.html']),
  ...given,
)
await import('../packages/bench/dist/cli.js')
