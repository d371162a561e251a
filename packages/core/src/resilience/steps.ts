import type { MaybePromise } from '../ports/common.js'

/** Work that can pause: each `yield` is a place where others may have a turn. */
export type Steps<T> = Generator<undefined, T, undefined>

/**
 * How long one piece of work holds the event loop before others have a turn, milliseconds: long enough that taking
 * turns costs little, short enough that timers and other requests do not notice.
 */
const TURN_MS = 10

/** Does all of the work at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** Does the work at once where that is short, else in turns of 10 ms. */
export function finishInTurns<T>(steps: Steps<T>): MaybePromise<T> {
  const step = takeTurn(steps)
  return step.done ? step.value : finishLater(steps)
}

async function finishLater<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    await nextTurn()
    const step = takeTurn(steps)
    if (step.done) return step.value
  }
}

function takeTurn<T>(steps: Steps<T>): IteratorResult<undefined, T> {
  const end = performance.now() + TURN_MS
  for (;;) {
    const step = steps.next()
    if (step.done || performance.now() >= end) return step
  }
}

const waiting: (() => void)[] = []

/**
 * One turn in each round of the event loop, whoever wants one: immediates of the same round run without a break
 * between them.
 */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(giveTurn)
  })
}

function giveTurn(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(giveTurn)
}

/** Cuts a loop over many items into turns of the event loop: `if (turns.isOver) await turns.next()`. */
export class Turns {
  #endsAt = performance.now() + TURN_MS

  get isOver(): boolean {
    return performance.now() >= this.#endsAt
  }

  async next(): Promise<void> {
    await nextTurn()
    this.#endsAt = performance.now() + TURN_MS
  }
}
