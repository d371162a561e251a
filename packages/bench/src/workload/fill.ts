import type { Store } from '@tandemstore/core'
import { refOf } from './searches.js'
import type { BenchTexts } from './texts.js'
import { raceAbort } from './waiting.js'

export interface FillOptions {
  readonly store: Store
  readonly texts: BenchTexts
  readonly documents: number
  readonly signal: AbortSignal
  readonly onIndexed: (done: number) => void
}

/** Puts the first documents of a workload, and waits until all are searchable. */
export async function fillStore({ store, texts, documents, signal, onIndexed }: FillOptions): Promise<void> {
  let done = 0
  const endListening = store.on('indexed', () => {
    done += 1
    onIndexed(done)
  })
  const all = Array.from({ length: documents }, (_, i) => ({ ...refOf(i), value: { text: texts.document(i) } }))
  const { failed, indexed } = await store.putMany(all, { signal })
  const [first] = failed
  if (first !== undefined) throw first.error
  await raceAbort(indexed, signal)
  endListening()
}
