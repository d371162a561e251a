import type { Collection, SectionDocument } from './collect.ts'

/** A section that the store has. */
export interface StoredSection {
  readonly namespace: readonly string[]
  readonly key: string
  readonly file: string
}

export interface Plan {
  /** Sections to store, in the order in which they should come. */
  readonly put: readonly SectionDocument[]
  /** Sections whose text is gone. */
  readonly remove: readonly StoredSection[]
  /** Sections that are stored already; all but `halfDone` of them are searchable. */
  readonly stored: readonly SectionDocument[]
  /** How many sections an earlier run has stored and not made searchable. */
  readonly halfDone: number
  /** Sections beyond the limit. */
  readonly leftOut: number
}

/** Compares the files with what the store has, and how many of that are searchable. Nothing that is stored goes because of the limit. */
export function planIngest(
  collection: Collection,
  had: readonly StoredSection[],
  searchable: number,
  limit: number,
): Plan {
  const hadIds = new Set(had.map(idOf))
  const sections = fairOrder(collection.files)
  const put = sections.slice(0, limit).filter((section) => !hadIds.has(idOf(section)))
  const stored = sections.filter((section) => hadIds.has(idOf(section)))

  const wanted = new Set(sections.map(idOf))
  // A file that could not be read this time is not gone.
  const unread = new Set(collection.skipped.map(({ file }) => fileId(file)))
  const remove = had.filter((section) => !wanted.has(idOf(section)) && !unread.has(fileId(section)))
  const halfDone = Math.min(Math.max(0, had.length - searchable), stored.length)
  return { put, remove, stored, halfDone, leftOut: sections.length - stored.length - put.length }
}

/** The first section of every file, then the second of each, and so on: whatever the limit, it is spread over all of them. */
function fairOrder(files: Collection['files']): SectionDocument[] {
  const rounds: SectionDocument[][] = []
  for (const sections of files) {
    sections.forEach((section, i) => {
      rounds[i] ??= []
      rounds[i].push(section)
    })
  }
  return rounds.flat()
}

function idOf({ namespace, key }: { namespace: readonly string[]; key: string }): string {
  return JSON.stringify([...namespace, key])
}

function fileId({ namespace, file }: { namespace: readonly string[]; file: string }): string {
  return JSON.stringify([...namespace, file])
}
