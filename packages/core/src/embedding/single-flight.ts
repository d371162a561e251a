import type { StoreError } from '../errors.js'
import type { Purpose, TextInFlight, Waiter } from './in-flight.js'

/** The texts in flight: a text that is asked for again while it is on its way is not embedded twice. */
export interface SingleFlight {
  readonly size: number
  get(purpose: Purpose, text: string): TextInFlight | undefined
  add(purpose: Purpose, text: string, key: string | undefined): TextInFlight
  join(text: TextInFlight, waiter: Waiter, index: number): void
  /**
   * Takes a waiter off a text. One that nobody waits for any more is withdrawn, unless its call goes on for other
   * texts.
   */
  leave(text: TextInFlight, waiter: Waiter): void
  /** A call for a text failed, and the next one has to wait: waiters may leave. */
  delay(text: TextInFlight, error: StoreError): void
  /** Forgets a text without settling it: its call has been given up. */
  drop(text: TextInFlight): void
  resolve(text: TextInFlight, vector: Float32Array): void
  reject(text: TextInFlight, error: StoreError): void
  /** Resolves when no text is in flight. */
  whenEmpty(): Promise<void>
}

export function createSingleFlight(onUnwanted: (text: TextInFlight) => void): SingleFlight {
  const texts = { document: new Map<string, TextInFlight>(), query: new Map<string, TextInFlight>() }
  let onEmpty: (() => void)[] = []
  const size = () => texts.document.size + texts.query.size

  function remove(text: TextInFlight): void {
    // The same text may have been asked for anew after this one was dropped.
    if (text.isGone) return
    text.isGone = true
    texts[text.purpose].delete(text.text)
    if (onEmpty.length > 0 && size() === 0) {
      for (const resolve of onEmpty) resolve()
      onEmpty = []
    }
  }

  function settle(text: TextInFlight, vector: Float32Array | undefined, error: StoreError | undefined): void {
    remove(text)
    const { waiters } = text
    text.waiters = []
    for (const { waiter, index } of waiters) waiter.settle(index, vector, error)
  }

  return {
    get size() {
      return size()
    },
    get: (purpose, text) => (texts[purpose].size === 0 ? undefined : texts[purpose].get(text)),
    add(purpose, text, key) {
      const added: TextInFlight = {
        text,
        purpose,
        key,
        tokens: 0,
        batch: undefined,
        slot: -1,
        isGone: false,
        waiters: [],
      }
      texts[purpose].set(text, added)
      return added
    },
    join(text, waiter, index) {
      if (text.waiters.length === 0 && text.batch !== undefined) text.batch.wanted += 1
      // Nearly every text has one: a list that is made with it takes no room for more.
      if (text.waiters.length === 0) text.waiters = [{ waiter, index }]
      else text.waiters.push({ waiter, index })
    },
    leave(text, waiter) {
      const left = text.waiters.filter((each) => each.waiter !== waiter)
      if (left.length === text.waiters.length) return
      text.waiters = left
      if (left.length === 0) onUnwanted(text)
    },
    delay(text, error) {
      for (const { waiter } of [...text.waiters]) waiter.delayed?.(error)
    },
    drop: remove,
    resolve: (text, vector) => settle(text, vector, undefined),
    reject: (text, error) => settle(text, undefined, error),
    whenEmpty: () => (size() === 0 ? Promise.resolve() : new Promise((resolve) => onEmpty.push(resolve))),
  }
}
