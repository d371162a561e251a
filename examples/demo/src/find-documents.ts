import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { UserError } from './user-error.ts'

/** A file of documentation. */
export interface FoundFile {
  /** Where its sections go: `[name, version]` of the package, or the folder's name. */
  readonly namespace: readonly string[]
  /** Its path inside the package or folder, with `/`. */
  readonly file: string
  readonly path: string
}

export interface FoundDocuments {
  /** In a fixed order: READMEs that describe a package first. */
  readonly files: readonly FoundFile[]
  /** Packages or folders looked into. */
  readonly places: number
  /** Folders that cannot be read, and packages that do not say who they are. */
  readonly unreadable: number
}

/** Finds every README, and the Markdown under `docs`, of the packages in a node_modules folder as npm or pnpm lays it out; a package of one name and version once. */
export async function findInstalled(nodeModules: string): Promise<FoundDocuments> {
  const packages = new Map<string, FoundFile[]>()
  const seen = new Set<string>()
  let unreadable = 0

  async function visitModules(folder: string): Promise<void> {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name)
      if (name === '.pnpm') {
        // The store of pnpm: each package is a real folder beside links to what it depends on. Its own node_modules holds links only.
        for (const entry of await namesIn(path)) {
          if (entry !== 'node_modules') await visitModules(join(path, entry, 'node_modules'))
        }
      } else if (name.startsWith('@')) await visitModules(path)
      else if (!name.startsWith('.')) await visitPackage(path)
    }
  }

  async function visitPackage(link: string): Promise<void> {
    const folder = await realpath(link).catch(absent)
    if (folder === undefined || seen.has(folder) || !(await lstat(folder)).isDirectory()) return
    seen.add(folder)
    const namespace = await identityOf(folder)
    if (namespace === undefined) unreadable += 1
    else if (!packages.has(namespace.join('@'))) {
      const { files, failed } = await walk(folder)
      unreadable += failed
      const documents = files.filter(isDocumentation).map((file) => ({ namespace, file, path: join(folder, file) }))
      packages.set(namespace.join('@'), documents)
    }
    await visitModules(join(folder, 'node_modules'))
  }

  await visitModules(nodeModules)
  const files = [...packages.values()].flat().sort(byImportance)
  if (files.length === 0) throw new UserError(`No package with documentation was found in ${nodeModules}.`)
  return { files, places: packages.size, unreadable }
}

/** Finds every Markdown and text file in a folder, but for hidden ones and node_modules. Links are not followed. */
export async function findInFolder(folder: string): Promise<FoundDocuments> {
  const root = await realpath(folder).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${folder} cannot be read (${error.code}).`, 1, { cause: error })
  })
  if (!(await lstat(root)).isDirectory()) throw new UserError(`${folder} is not a folder.`)
  const { files, failed, folders } = await walk(root)
  const namespace = [basename(root) || 'root']
  const documents = files
    .filter((file) => /\.(?:md|markdown|mdx|txt|text)$/i.test(file))
    .map((file) => ({ namespace, file, path: join(root, file) }))
  if (documents.length === 0) throw new UserError(`No Markdown or text file was found in ${folder}.`)
  return { files: documents.sort(byImportance), places: folders, unreadable: failed }
}

export function isMarkdown(file: string): boolean {
  return /\.(?:md|markdown|mdx)$/i.test(file) || /(?:^|\/)readme$/i.test(file)
}

function isDocumentation(file: string): boolean {
  // `README.es.md` is a translation, which a model of English cannot read.
  return /(?:^|\/)readme(?:\.(?:md|markdown))?$/i.test(file) || /(?:^|\/)docs?\/.*\.(?:md|markdown|mdx)$/i.test(file)
}

/** The README of the package or folder itself before all others; then by path. */
function byImportance(a: FoundFile, b: FoundFile): number {
  return depth(a) - depth(b) || compare(a.namespace.join('\0'), b.namespace.join('\0')) || compare(a.file, b.file)
}

function depth({ file }: FoundFile): number {
  return /^readme(?:\.\w+)?$/i.test(file) ? 0 : 1
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

async function identityOf(folder: string): Promise<string[] | undefined> {
  try {
    const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    return isLabel(name) && isLabel(version) ? [name, version] : undefined
  } catch {
    // Missing, unreadable or broken: whatever it is, it is counted as one that cannot be read.
    return undefined
  }
}

/** What the store takes as a label of a namespace. */
function isLabel(value: unknown): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= 256 && value.isWellFormed() && !value.includes('\0')
  )
}

/** The regular files under a folder by their path in it, and how many folders could not be read. */
async function walk(root: string): Promise<{ files: string[]; folders: number; failed: number }> {
  const files: string[] = []
  const open = [root]
  let folders = 0
  let failed = 0
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    folders += 1
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
    if (entries === undefined) failed += 1
    for (const entry of entries ?? []) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) open.push(path)
      else if (entry.isFile()) files.push(relative(root, path).split(sep).join('/'))
    }
  }
  return { files, folders, failed }
}

/** The names in a folder, in order; none if there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  return ((await readdir(folder).catch(absent)) ?? []).sort()
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}
