import { ask, messageOf } from './api.js'
import { show } from './dom.js'
import { countText } from './format.js'

const AT_ONCE = 2

interface Counting {
  readonly owner: Element
  readonly namespace: readonly string[]
  readonly target: HTMLElement
  readonly abort: AbortController
}

/** Fills in counts, few at a time and when their place is seen, as each reads documents. */
class CountQueue {
  readonly #waiting: Counting[] = []
  readonly #unseen = new WeakMap<Element, Counting>()
  readonly #running = new Set<Counting>()
  readonly #observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const counting = this.#unseen.get(target)
      if (!isIntersecting || counting === undefined) continue
      this.#observer.unobserve(target)
      this.#waiting.push(counting)
    }
    this.#next()
  })

  /** Counts what is in a namespace when `owner` is seen, and writes it into `target`. */
  add(owner: Element, namespace: readonly string[], target: HTMLElement): void {
    this.#unseen.set(owner, { owner, namespace, target, abort: new AbortController() })
    this.#observer.observe(owner)
  }

  /** Ends the counting of what is not in the page any more. */
  dropGone(): void {
    for (const { owner, abort } of this.#running) if (!owner.isConnected) abort.abort()
  }

  #next(): void {
    while (this.#running.size < AT_ONCE) {
      const counting = this.#waiting.shift()
      if (counting === undefined) return
      if (!counting.owner.isConnected) continue
      this.#running.add(counting)
      void fillCount(counting).finally(() => {
        this.#running.delete(counting)
        this.#next()
      })
    }
  }
}

export const countQueue = new CountQueue()

async function fillCount({ namespace, target, abort: { signal } }: Counting): Promise<void> {
  try {
    show(target, countText(await ask('count', { prefix: namespace }, signal)))
  } catch (error) {
    show(target, '?')
    target.title = messageOf(error)
  }
}
