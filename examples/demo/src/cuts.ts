import { createHash } from 'node:crypto'
import { createStore, type Store } from '@tandemstore/core'
import type { KVBackend } from '@tandemstore/core/adapter'
import type { Section } from './sections.ts'

type Cut = { sections: Section[] }

/** How files were cut, by a hash of their text: a store of plain documents, with neither vectors nor embedder. */
export type Cuts = Store<Cut>

const DAY_MS = 24 * 60 * 60 * 1000
/** Larger files are rare, and their sections might be more than one document may hold. */
const MAX_TEXT_LENGTH = 200_000

/** Opens it in the same database as the sections. What no run has asked for in a month goes by itself. */
export function openCuts(kv: KVBackend): Promise<Cuts> {
  return createStore<Cut>({ collection: 'cuts', kv, ttlMs: 30 * DAY_MS, refreshTtlOnRead: true })
}

/** Cuts a text as `cut` does, unless that has been done before. `how` names everything else that the result depends on. */
export async function cutOnce(
  cuts: Cuts,
  how: readonly string[],
  text: string,
  cut: () => Section[],
): Promise<Section[]> {
  if (text.length > MAX_TEXT_LENGTH) return cut()
  const key = createHash('sha256').update(text).digest('hex')
  const known = await cuts.get(how, key)
  if (known !== undefined) return known.value.sections
  const sections = cut()
  await cuts.put(how, key, { sections })
  return sections
}
