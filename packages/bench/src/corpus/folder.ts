import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import type { NamedSection } from './known-items.js'
import { cutMarkdown, cutPlainText } from './sections.js'

const cutters: Readonly<Record<string, typeof cutMarkdown>> = {
  '.md': cutMarkdown,
  '.mdx': cutMarkdown,
  '.markdown': cutMarkdown,
  '.txt': cutPlainText,
}

/**
 * The sections of every Markdown and text file of a folder and the folders in it, in order of path; not of hidden
 * ones, nor of node_modules.
 */
export async function sectionsOfFolder(folder: string): Promise<NamedSection[]> {
  const sections: NamedSection[] = []
  for await (const path of findFiles(folder)) {
    const cut = cutters[extname(path).toLowerCase()]
    const text = await readFile(path, 'utf8')
    const name = relative(folder, path).split(sep).join('/')
    cut?.(text.replace(/^\uFEFF/, '')).forEach(
      (section, i) => void sections.push({ id: `${name}#${i + 1}`, ...section }),
    )
  }
  return sections
}

async function* findFiles(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    // Links are not followed: they may lead in a circle.
    if (entry.isDirectory()) yield* findFiles(path)
    else if (entry.isFile() && Object.hasOwn(cutters, extname(entry.name).toLowerCase())) yield path
  }
}
