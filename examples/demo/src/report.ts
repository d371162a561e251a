import type { Collection } from './collect.ts'
import type { FoundDocuments } from './find-documents.ts'
import type { IngestResult } from './ingest.ts'
import type { Library } from './library.ts'
import type { Plan } from './plan.ts'
import { count, duration, say } from './terminal.ts'

export function reportFound(found: FoundDocuments, collection: Collection, place: 'package' | 'folder'): void {
  const sections = collection.files.reduce((sum, { length }) => sum + length, 0)
  say(`${count(sections, 'section')} in ${count(found.files.length, 'file')} of ${count(found.places, place)}.`)
  const reasons = new Map<string, number>()
  for (const { reason } of collection.skipped) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  if (found.unreadable > 0) reasons.set(`${place}s that cannot be read`, found.unreadable)
  if (reasons.size > 0) say(`Skipped: ${[...reasons].map(([reason, n]) => `${n} ${reason}`).join(', ')}.`)
}

export function reportPlan({ put, remove, unchanged, leftOut }: Plan): void {
  const parts = [
    unchanged > 0 && `${count(unchanged, 'section')} unchanged`,
    put.length > 0 && `${count(put.length, 'section')} to embed`,
    remove.length > 0 && `${count(remove.length, 'section')} to delete`,
    leftOut > 0 && `${count(leftOut, 'section')} left out (--all takes every one, --limit N so many)`,
  ].filter(Boolean)
  say(parts.length > 0 ? `${parts.join(', ')}.` : 'Nothing to embed.')
}

export function reportIngest({ indexed, failed, firstError, recovered, elapsedMs }: IngestResult): void {
  if (recovered > 0) say(`${count(recovered, 'section')} of an earlier run, left half done, embedded as well.`)
  if (indexed > 0) {
    const rate = (((indexed + recovered) / elapsedMs) * 1000).toFixed(1)
    say(`${count(indexed, 'section')} embedded and searchable after ${duration(elapsedMs)}: ${rate} a second.`)
  }
  if (failed > 0) say(`${count(failed, 'section')} could not be embedded: ${firstError?.message}`)
}

export function reportStopped({ put, unchanged }: Plan, { indexed }: IngestResult): void {
  const total = count(unchanged + put.length, 'section')
  say(`Stopped with ${unchanged + indexed} of ${total} done. Nothing is lost: the next run goes on from there.`)
}

/** What the store has counted since it was opened. */
export async function reportSummary(library: Library): Promise<void> {
  const { embeddings, latency } = await library.stats()
  if (embeddings) {
    const { hits, misses } = embeddings.cache
    const rate = hits + misses === 0 ? 0 : (100 * hits) / (hits + misses)
    say(`\nCache: ${hits} of ${count(hits + misses, 'text')} had their vector already (${rate.toFixed(1)} %).`)
  }
  const { search } = latency
  say(
    `Search: ${duration(search.p50)} in the middle, ${duration(search.max)} at most, embedding the question included.`,
  )
}
