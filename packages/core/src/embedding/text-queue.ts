import type { TextInFlight } from './in-flight.js'

/** Texts of one purpose that wait for a call, first in first out. */
export interface TextQueue {
  readonly length: number
  /** Tokens of all of them. */
  readonly tokens: number
  push(text: TextInFlight): void
  /** Takes out one that waits. */
  remove(text: TextInFlight): void
  /** Tokens of the next text; 0 where there is none. */
  nextTokens(): number
  /** The next texts that fit together; the first one goes in any case. */
  take(maxTexts: number, maxTokens: number): TextInFlight[]
}

export function createTextQueue(): TextQueue {
  // Removed texts leave a hole, so that removing needs no search and take skips them.
  const slots: (TextInFlight | undefined)[] = []
  let head = 0
  let length = 0
  let tokens = 0

  function skipHoles(): void {
    while (head < slots.length && slots[head] === undefined) head += 1
    if (head === slots.length) forgetPassed()
  }

  function forgetPassed(): void {
    slots.splice(0, head)
    for (let i = 0; i < slots.length; i += 1) {
      const text = slots[i]
      if (text !== undefined) text.slot = i
    }
    head = 0
  }

  return {
    get length() {
      return length
    },
    get tokens() {
      return tokens
    },
    push(text) {
      text.slot = slots.length
      slots.push(text)
      length += 1
      tokens += text.tokens
    },
    remove(text) {
      slots[text.slot] = undefined
      text.slot = -1
      length -= 1
      tokens -= text.tokens
      skipHoles()
    },
    nextTokens() {
      skipHoles()
      return slots[head]?.tokens ?? 0
    },
    take(maxTexts, maxTokens) {
      const taken: TextInFlight[] = []
      let weight = 0
      for (; head < slots.length && taken.length < maxTexts; head += 1) {
        const text = slots[head]
        if (text === undefined) continue
        if (taken.length > 0 && weight + text.tokens > maxTokens) break
        slots[head] = undefined
        text.slot = -1
        weight += text.tokens
        taken.push(text)
      }
      length -= taken.length
      tokens -= weight
      if (head > 1024 && head * 2 > slots.length) forgetPassed()
      return taken
    },
  }
}
