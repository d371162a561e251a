import type { MaybePromise } from '../ports/common.js'
import type { TextInFlight } from './in-flight.js'
import type { SingleFlight } from './single-flight.js'
import type { VectorCache } from './vector-cache.js'

/** Looks texts in flight up in the cache. What is found is settled, what is not goes on to the embedder. */
export interface Lookup {
  /** Together with whatever else is gathered until the current run of code ends. */
  gather(text: TextInFlight): void
  lookUp(texts: readonly TextInFlight[]): void
  /** For texts whose answer is there, or on its way. */
  settle(texts: readonly TextInFlight[], answer: MaybePromise<(Float32Array | undefined)[]>): void
}

export function createLookup(args: {
  readonly cache: VectorCache
  readonly flight: SingleFlight
  readonly onMiss: (text: TextInFlight) => void
}): Lookup {
  const { cache, flight, onMiss } = args
  let gathered: TextInFlight[] = []

  const lookup: Lookup = {
    gather(text) {
      gathered.push(text)
      if (gathered.length > 1) return
      queueMicrotask(() => {
        const texts = gathered
        gathered = []
        lookup.lookUp(texts)
      })
    },
    lookUp(texts) {
      if (texts.length === 0) return
      lookup.settle(texts, cache.read(texts.map((each) => each.key as string)))
    },
    settle(texts, answer) {
      if (Array.isArray(answer)) settleNow(texts, answer)
      else void answer.then((vectors) => settleNow(texts, vectors))
    },
  }

  function settleNow(texts: readonly TextInFlight[], vectors: (Float32Array | undefined)[]): void {
    for (let i = 0; i < texts.length; i += 1) {
      const text = texts[i] as TextInFlight
      const vector = vectors[i]
      if (vector !== undefined) flight.resolve(text, vector)
      else if (text.waiters.length === 0) flight.drop(text)
      else onMiss(text)
    }
  }
  return lookup
}
