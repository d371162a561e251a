// Writes the package of a new adapter from the templates beside this file.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const templates = fileURLToPath(new URL('templates', import.meta.url))

/** By kind: what a package's name begins with, the folders of templates that make it, and what it says of itself. */
export const kinds = {
  kv: { prefix: '', layers: ['common', 'database', 'kv'], keyword: 'key-value', summary: 'Documents in' },
  vectors: { prefix: '', layers: ['common', 'database', 'vectors'], keyword: 'vector-store', summary: 'Vectors in' },
  embedder: { prefix: 'embed-', layers: ['common', 'http', 'embedder'], keyword: 'embedder', summary: 'Embeddings by' },
  cache: { prefix: 'cache-', layers: ['common', 'cache'], keyword: 'cache', summary: 'Embedding cache in' },
  reranker: { prefix: 'rerank-', layers: ['common', 'http', 'reranker'], keyword: 'reranker', summary: 'Reranking by' },
}

/**
 * Writes the files of a package and its changeset into a workspace.
 * @param root the folder of the workspace.
 * @returns the package's folder and all files, relative to `root`; or only a `fault`, and then nothing was written.
 */
export function scaffold(root, kind, name) {
  if (!Object.hasOwn(kinds, kind)) return { fault: `There is no kind ${kind}.` }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40)
    return { fault: `${name} is no name: expected up to 40 lower-case letters and digits, in words joined by one -` }
  const { prefix, layers, keyword, summary } = kinds[kind]
  const camel = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
  if (!isIdentifier(camel)) return { fault: `${name} is no name: ${camel} is a word of JavaScript.` }
  const packageName = prefix + name
  const folder = `packages/${packageName}`
  if (existsSync(join(root, folder))) return { fault: `${folder} is there already.` }
  const words = new Map([
    ['package-name', packageName],
    ['summary-line', `${summary} ${name}`],
    ['kind-keyword', keyword],
    ['adapter-name', name],
    ['adapterName', camel],
    ['AdapterName', camel[0].toUpperCase() + camel.slice(1)],
    ['ADAPTER_NAME', name.toUpperCase().replaceAll('-', '_')],
  ])
  const fill = (text) => text.replace(new RegExp([...words.keys()].join('|'), 'g'), (word) => words.get(word))
  const files = new Map()
  for (const layer of layers) {
    for (const path of filesIn(join(templates, layer))) {
      const target = path === 'changeset.md' ? `.changeset/${packageName}.md` : `${folder}/${fill(path)}`
      if (files.has(target)) return { fault: `${name} is no name: the package has another ${fill(path)}.` }
      files.set(target, fill(readFileSync(join(templates, layer, path), 'utf8')))
    }
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return { folder, files: [...files.keys()].sort() }
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}

function isIdentifier(word) {
  try {
    new Function(`'use strict'; const ${word} = 0`)
    return true
  } catch {
    return false
  }
}
