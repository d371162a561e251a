import type { Batch, Purpose, TextInFlight } from './in-flight.js'
import type { SingleFlight } from './single-flight.js'

/** A batch of those texts that somebody waits for. The others are dropped. */
export function createBatch(purpose: Purpose, texts: readonly TextInFlight[], flight: SingleFlight): Batch {
  const batch: Batch = { purpose, texts: [], wanted: 0, stop: undefined }
  for (const text of texts) {
    if (text.waiters.length === 0) {
      flight.drop(text)
      continue
    }
    text.batch = batch
    batch.texts.push(text)
  }
  batch.wanted = batch.texts.length
  return batch
}

/** A batch of one text that no model refuses, which nobody asked for. */
export function plainBatch(purpose: Purpose): Batch {
  const text: TextInFlight = {
    text: 'text',
    purpose,
    key: undefined,
    tokens: 1,
    batch: undefined,
    slot: -1,
    isGone: true,
    waiters: [],
  }
  return { purpose, texts: [text], wanted: 1, stop: undefined }
}

/** Leaves out the texts that nobody waits for any more, before another attempt. */
export function dropUnwanted(batch: Batch, flight: SingleFlight): void {
  if (batch.wanted === batch.texts.length) return
  batch.texts = createBatch(batch.purpose, batch.texts, flight).texts
  for (const text of batch.texts) text.batch = batch
}

/** One text of a batch lost its last waiter. */
export function leaveBatch(batch: Batch, flight: SingleFlight): void {
  batch.wanted -= 1
  if (batch.wanted > 0) return
  for (const text of batch.texts) flight.drop(text)
  batch.stop?.()
}

export function tokensOf(texts: readonly TextInFlight[]): number {
  let tokens = 0
  for (const text of texts) tokens += text.tokens
  return tokens
}
