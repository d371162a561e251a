import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { type FoundFile, isMarkdown } from './find-documents.ts'
import { cutMarkdown, cutPlainText, type SectionLimits } from './sections.ts'

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
  signal: AbortSignal,
): Promise<Collection> {
  const files: SectionDocument[][] = []
  const skipped: { file: FoundFile; reason: SkipReason }[] = []
  for (const file of found) {
    signal.throwIfAborted()
    const { text, reason } = await readText(file.path)
    if (text === undefined) skipped.push({ file, reason })
    else files.push(sectionsOf(file, text, limits))
  }
  return { files, skipped }
}

function sectionsOf(file: FoundFile, text: string, limits: SectionLimits): SectionDocument[] {
  const name = file.namespace[0] ?? ''
  const cut = isMarkdown(file.file) ? cutMarkdown : cutPlainText
  const seen = new Map<string, number>()
  return cut(text, { ...limits, maxTokens: limits.maxTokens - limits.countTokens(name) }).map(({ heading, body }) => {
    const hash = createHash('sha256')
      .update(JSON.stringify([file.file, heading, body]))
      .digest('hex')
      .slice(0, 32)
    const earlier = seen.get(hash) ?? 0
    seen.set(hash, earlier + 1)
    const title = heading === '' ? name : `${name}: ${heading}`
    return {
      namespace: file.namespace,
      key: earlier === 0 ? hash : `${hash}-${earlier}`,
      value: { source: file.namespace.join('@'), file: file.file, heading, text: `${title}\n\n${body}` },
    }
  })
}

/** The section without its title line. */
export function bodyOf({ text }: SectionValue): string {
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
