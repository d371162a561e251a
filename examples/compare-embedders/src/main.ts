/** Which embedder finds best in a folder of texts, with the store of one's choice. See README.md. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { compare, createProgress, formatComparison, loadCorpus, renderPage, type StoreKind } from '@tandemstore/bench'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    store: { type: 'string', default: 'memory' }, // or sqlite, scylla-qdrant
    embedder: { type: 'string', multiple: true, default: ['local', 'transformers:Xenova/all-MiniLM-L6-v2'] },
    page: { type: 'string', default: 'comparison.html' },
  },
})
// npm runs scripts in the root of the package, and says where it was called.
const from = (path: string) => resolve(process.env.INIT_CWD ?? '.', path)

const report = await compare({
  corpus: await loadCorpus(from(positionals[0] ?? '.')),
  embedders: values.embedder,
  place: { kind: values.store as StoreKind, collection: 'compare_example' },
  progress: createProgress(),
})
console.log(formatComparison(report))
await writeFile(from(values.page), renderPage(report))
console.log(`\nMore in ${from(values.page)}`)
