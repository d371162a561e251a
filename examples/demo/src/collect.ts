import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { type Cuts, cutOnce } from './cuts.ts'
import { type FoundFile, isMarkdown } from './find-documents.ts'
import { cutMarkdown, cutPlainText, type Section, type SectionLimits } from './sections.ts'

/** What the store keeps of a section. */
export type SectionValue = {
  /** The package or folder, such as `retry@0.13.1`. */
  source: string
  file: string
  /** `A > B`; empty before the first heading. */
  heading: string
  /** What gets the vector: a line that says what this is about, an empty line, the section. */
  text: string
}

export interface SectionDocument {
  readonly namespace: readonly string[]
  /** A hash of the content: a section that has not changed has the key that it had, wherever it has moved to in its file. */
  readonly key: string
  readonly value: SectionValue
}

/** Why a file gives no sections. */
export type SkipReason = 'binary' | 'too large' | 'not UTF-8' | 'unreadable'

export interface Collection {
  /** The sections of each file, in its order. */
  readonly files: readonly (readonly SectionDocument[])[]
  readonly skipped: readonly { readonly file: FoundFile; readonly reason: SkipReason }[]
}

const MAX_FILE_BYTES = 1_000_000

/** Reads the files and cuts them into sections. */
export async function collect(
  found: readonly FoundFile[],
  limits: SectionLimits,
  cuts: Cuts,
  signal: AbortSignal,
): Promise<Collection> {
  const files: SectionDocument[][] = []
  const skipped: { file: FoundFile; reason: SkipReason }[] = []
  for (const file of found) {
    signal.throwIfAborted()
    const { text, reason } = await readText(file.path)
    if (text === undefined) skipped.push({ file, reason })
    else files.push(toDocuments(file, await cutFile(file, text, limits, cuts)))
  }
  return { files, skipped }
}

/** To be raised when the same text is cut in another way. */
const CUTTING_VERSION = 'v2'

function cutFile({ file, namespace }: FoundFile, text: string, limits: SectionLimits, cuts: Cuts): Promise<Section[]> {
  const [kind, cut] = isMarkdown(file) ? (['markdown', cutMarkdown] as const) : (['text', cutPlainText] as const)
  // The name comes before the heading in what is embedded.
  const maxTokens = Math.max(1, Math.floor(limits.maxTokens - limits.countTokens(nameOf(namespace))))
  return cutOnce(cuts, [CUTTING_VERSION, kind, String(maxTokens)], text, () => cut(text, { ...limits, maxTokens }))
}

function toDocuments({ namespace, file }: FoundFile, sections: readonly Section[]): SectionDocument[] {
  const seen = new Map<string, number>()
  return sections.map(({ heading, body }) => {
    const hash = createHash('sha256')
      .update(JSON.stringify([file, heading, body]))
      .digest('hex')
      .slice(0, 32)
    const earlier = seen.get(hash) ?? 0
    seen.set(hash, earlier + 1)
    const title = heading === '' ? nameOf(namespace) : `${nameOf(namespace)}: ${heading}`
    return {
      namespace,
      key: earlier === 0 ? hash : `${hash}-${earlier}`,
      value: { source: namespace.join('@'), file, heading, text: `${title}\n\n${body}` },
    }
  })
}

function nameOf([name = '']: readonly string[]): string {
  return name
}

/** The section without its title line. */
export function bodyOf({ text }: Pick<SectionValue, 'text'>): string {
  return text.slice(text.indexOf('\n\n') + 2)
}

type ReadResult = { text: string; reason?: never } | { text?: never; reason: SkipReason }

async function readText(path: string): Promise<ReadResult> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path)
    if ((await handle.stat()).size > MAX_FILE_BYTES) return { reason: 'too large' }
    const bytes = await handle.readFile()
    if (bytes.includes(0)) return { reason: 'binary' }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    return { reason: error instanceof TypeError ? 'not UTF-8' : 'unreadable' }
  } finally {
    await handle?.close()
  }
}
