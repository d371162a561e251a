import type { Collection } from './collect.ts'
import type { FoundDocuments } from './find-documents.ts'
import type { Library } from './library.ts'
import type { Plan } from './plan.ts'
import type { Tally } from './tally.ts'
import { count, duration, format, say } from './terminal.ts'

export function reportFound(found: FoundDocuments, collection: Collection, place: 'package' | 'folder'): void {
  const sections = collection.files.reduce((sum, { length }) => sum + length, 0)
  say(`${count(sections, 'section')} in ${count(found.files.length, 'file')} of ${count(found.places, place)}.`)
  const reasons = new Map<string, number>()
  for (const { reason } of collection.skipped) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  if (found.unreadable > 0) reasons.set(`${place}s that cannot be read`, found.unreadable)
  if (reasons.size > 0) say(`Skipped: ${[...reasons].map(([reason, n]) => `${n} ${reason}`).join(', ')}.`)
}

export function reportPlan({ put, remove, stored, halfDone, leftOut }: Plan): void {
  const unchanged = stored.length - halfDone
  const toEmbed = put.length + halfDone
  const ofEarlier = halfDone > 0 ? ` (${format(halfDone)} of them stored by an earlier run)` : ''
  const parts = [
    unchanged > 0 && `${count(unchanged, 'section')} unchanged`,
    toEmbed > 0 && `${count(toEmbed, 'section')} to embed${ofEarlier}`,
    remove.length > 0 && `${count(remove.length, 'section')} to delete`,
    leftOut > 0 && `${count(leftOut, 'section')} left out by --limit`,
  ].filter(Boolean)
  say(parts.length > 0 ? `${parts.join(', ')}.` : 'Nothing to embed.')
}

export function reportIngest(plan: Plan, tally: Tally, elapsedMs: number): void {
  const { added, recovered, failed, firstError } = tally
  const done = added + recovered
  if (done > 0) {
    const rate = ((done / elapsedMs) * 1000).toFixed(1)
    const { searchable, total } = progressOf(plan, tally)
    const now = `${format(searchable)} of ${count(total, 'section')} searchable now`
    say(`${count(done, 'section')} embedded in ${duration(elapsedMs)}, ${rate} a second; ${now}.`)
  }
  if (failed > 0) say(`${count(failed, 'section')} could not be embedded: ${firstError?.message}`)
}

export function reportStopped(plan: Plan, tally: Tally): void {
  const { searchable, total } = progressOf(plan, tally)
  const left = total - searchable
  say(
    `Stopped with ${format(searchable)} of ${count(total, 'section')} searchable. Nothing is lost: the next run embeds the other ${format(left)}.`,
  )
}

/** Of the sections that are stored or to be stored. */
function progressOf({ put, stored, halfDone }: Plan, { added, recovered }: Tally) {
  const total = stored.length + put.length
  return { total, searchable: Math.min(total, stored.length - halfDone + recovered + added) }
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
  say(`Search: median ${duration(search.p50)}, ${duration(search.max)} at most, embedding the question included.`)
}
