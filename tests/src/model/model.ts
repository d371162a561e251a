import type { DocumentRef } from '@tandemstore/core'
import type { DocumentRow, Version } from '@tandemstore/core/adapter'
import { refId } from '@tandemstore/core/adapter'

/** What a document may hold: no document, or the value, directive and time to live that a put gave it. */
export interface Content {
  readonly title: string
  readonly body?: string | undefined
  readonly index?: false | readonly string[] | undefined
  readonly ttlMs?: number | undefined
}

/** A write that was made: with a receipt, or with an outcome that is not known. */
export interface Attempt {
  readonly ref: DocumentRef
  /** Absent for a deletion. */
  readonly content: Content | undefined
  /** Present when the write was acknowledged. */
  readonly version: Version | undefined
}

/** What one document is, as far as it can be known from the answers to the writes. */
interface Known {
  /** The acknowledged write of the highest version. */
  settled: Attempt | undefined
  /** Writes that may have taken effect, or may do so later. */
  readonly open: Attempt[]
}

/** The documents that a user who remembers every answer would expect. */
export class Model {
  readonly #documents = new Map<string, Known>()
  readonly refs = new Map<string, DocumentRef>()

  known(ref: DocumentRef): Known {
    const id = refId(ref)
    let known = this.#documents.get(id)
    if (known === undefined) {
      known = { settled: undefined, open: [] }
      this.#documents.set(id, known)
      this.refs.set(id, ref)
    }
    return known
  }

  record(attempt: Attempt): void {
    const known = this.known(attempt.ref)
    if (attempt.version === undefined) known.open.push(attempt)
    else if (known.settled?.version === undefined || attempt.version > known.settled.version) known.settled = attempt
  }

  /** Every document that is there, or may be. */
  under(prefix: readonly string[]): DocumentRef[] {
    return [...this.refs.values()].filter(({ namespace }) => prefix.every((label, i) => label === namespace[i]))
  }

  /** Takes over what the database holds, which has to be something that was written and never older than what was acknowledged. */
  observe(ref: DocumentRef, row: DocumentRow | undefined, now: number): string | undefined {
    const known = this.known(ref)
    const { settled } = known
    const live = row !== undefined && (row.expiresAt === undefined || row.expiresAt > now) ? row : undefined
    if (live === undefined) {
      const mayBeAbsent =
        settled === undefined ||
        settled.content === undefined ||
        settled.content.ttlMs !== undefined ||
        known.open.some(({ content }) => content === undefined || content.ttlMs !== undefined)
      return mayBeAbsent ? undefined : `${name(ref)} is gone, though ${describe(settled)} was acknowledged`
    }
    const candidates = [...(settled?.content === undefined ? [] : [settled]), ...known.open].filter(
      ({ content, version }) =>
        content !== undefined && sameValue(content, live) && (version ?? live.version) === live.version,
    )
    const [candidate] = candidates
    if (candidate === undefined)
      return `${name(ref)} holds ${live.value} of ${live.version}, known was ${describe(settled)}`
    if (settled?.version !== undefined && live.version < settled.version)
      return `${name(ref)} went back to ${live.version} from ${settled.version}`
    known.settled = { ...candidate, version: live.version }
    return undefined
  }
}

/** Whether a row is what a put asked for. */
function sameValue(content: Content, row: DocumentRow): boolean {
  const { title, body } = JSON.parse(row.value) as Content
  return (
    title === content.title &&
    body === content.body &&
    JSON.stringify(row.index) === JSON.stringify(content.index) &&
    row.ttlMs === content.ttlMs
  )
}

export function documentOf({ title, body }: Content): { readonly title: string; readonly body?: string } {
  return body === undefined ? { title } : { title, body }
}

function name({ namespace, key }: DocumentRef): string {
  return JSON.stringify([...namespace, key])
}

function describe(attempt: Attempt | undefined): string {
  return JSON.stringify(attempt ?? 'nothing')
}
