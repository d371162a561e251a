import { setImmediate as nextTurn } from 'node:timers/promises'

/** Long enough that taking turns costs little, short enough that timers and other requests do not notice. */
const LONGEST_MS = 10

/** Cuts synchronous work over many items into turns of the event loop: `if (turns.isOver) await turns.next()`. */
export class Turns {
  #began = performance.now()

  get isOver(): boolean {
    return performance.now() - this.#began > LONGEST_MS
  }

  async next(): Promise<void> {
    await nextTurn()
    this.#began = performance.now()
  }
}
