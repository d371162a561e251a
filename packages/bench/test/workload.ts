import { syntheticTexts } from '../src/workload/texts.js'
import type { Workload } from '../src/workload/workload.js'
import { embedder } from './embedder.js'

/** Hears where a benchmark is, and shows it to nobody. */
export function quietProgress(onBegin: (title: string) => void = () => {}): Workload['progress'] {
  return { begin: onBegin, update: () => {}, say: () => {}, end: () => {} }
}

/** What a benchmark is given, with a store in memory. */
export function workload(own: Partial<Workload> = {}): Workload {
  return {
    place: { kind: 'memory', collection: 'bench' },
    embedder,
    embedderName: 'letters',
    texts: syntheticTexts(1),
    seed: 1,
    keywords: false,
    configuration: {},
    warnings: [],
    progress: quietProgress(),
    signal: new AbortController().signal,
    ...own,
  }
}
