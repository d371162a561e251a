import { writeSync } from 'node:fs'

/** What the programs say on stdout, one JSON line each. */
export type WriterLine =
  | { readonly opened: true }
  /** A write of a document begins: a put of this title or, without one, a deletion. */
  | { readonly name: string; readonly begun: number; readonly title?: string | undefined }
  | { readonly name: string; readonly acknowledged: number; readonly version: string }

export type RivalLine =
  | { readonly written: { readonly puts: number; readonly deletions: number } }
  | { readonly flushed: { readonly reprojected: number } }

/** At once, so that a kill loses no line. */
export function say(line: WriterLine | RivalLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

/** Both programs index these. */
export const fields = ['title', 'body']
/** Those that also search by words. */
export const wordedIndex = { fields, keywords: true } as const
