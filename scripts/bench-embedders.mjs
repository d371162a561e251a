// `npm run bench:embedders`: compares every embedding model that this machine has, without any key, on a corpus that is there, and writes
// bench-report/embedders.html and .json. Further arguments go to `tandem-bench compare`, such as `--store sqlite`.
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const shared = join(root, '..', 'shared')
process.chdir(root)

const given = process.argv.slice(2)
const has = (...flags) => given.some((each) => flags.some((flag) => each === flag || each.startsWith(`${flag}=`)))
const firstThat = (paths, holds) => paths.find((path) => path !== undefined && existsSync(join(path, holds)))

const cranfield = firstThat(
  [process.env.TANDEM_DATA, join(shared, 'data')].map((path) => path && join(path, 'cranfield')),
  'corpus.jsonl',
)
const models = [process.env.TANDEM_MODELS, join(shared, 'models'), join(root, '.cache', 'models')].find(
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
  // Without Cranfield: the documentation of this repository, by known-item search.
  ...(has('--corpus', '--config', '-c') ? [] : ['--corpus', cranfield === undefined ? '.' : relative(root, cranfield)]),
  ...(models === undefined || has('--models') ? [] : ['--models', models]),
  ...(has('--embedder', '-e', '--config', '-c')
    ? []
    : ['local', ...names.map((name) => `transformers:${name}`)].flatMap((spec) => ['--embedder', spec])),
  ...(has('--json') ? [] : ['--json', 'bench-report/embedders.json']),
  ...(has('--html') ? [] : ['--html', 'bench-report/embedders.html']),
  ...given,
)
await import('../packages/bench/dist/cli.js')
