import { sameRef } from '../document/namespace.js'
import type { Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'

interface Numbered {
  readonly number: number
  intent: Intent
}

/** The intents of one space, by version in the order they were made. Two intents of one version are rare. */
export class IntentLog {
  readonly #byVersion = new Map<Version, { readonly number: number; readonly intents: Numbered[] }>()
  #added = 0

  /** Adds an intent, or replaces the one that is the same but for its failure. */
  add(intent: Intent): void {
    const ofVersion = this.#byVersion.get(intent.version)
    this.#added += 1
    const numbered = { number: this.#added, intent }
    if (ofVersion === undefined) {
      this.#byVersion.set(intent.version, { number: this.#added, intents: [numbered] })
      return
    }
    const same = ofVersion.intents.find((each) => isSame(each.intent, intent))
    if (same === undefined) ofVersion.intents.push(numbered)
    else same.intent = intent
  }

  remove(intent: Intent): void {
    const ofVersion = this.#byVersion.get(intent.version)
    const at = ofVersion?.intents.findIndex((each) => isSame(each.intent, intent)) ?? -1
    if (ofVersion === undefined || at < 0) return
    ofVersion.intents.splice(at, 1)
    if (ofVersion.intents.length === 0) this.#byVersion.delete(intent.version)
  }

  /** Up to `limit` intents behind a cursor that an earlier call gave. */
  list(cursor: string | undefined, limit: number): { readonly intents: Intent[]; readonly cursor?: string } {
    const [group = 0, last = 0] = cursor?.split(' ').map(Number) ?? []
    const intents: Intent[] = []
    let next = cursor
    for (const { number: ofGroup, intents: same } of this.#byVersion.values()) {
      if (ofGroup < group) continue
      for (const { number, intent } of same) {
        if (ofGroup === group && number <= last) continue
        if (intents.length === limit) return { intents, ...(next === undefined ? {} : { cursor: next }) }
        intents.push(intent)
        next = `${ofGroup} ${number}`
      }
    }
    return { intents }
  }
}

function isSame(a: Intent, b: Intent): boolean {
  return a.kind === b.kind && sameRef(a, b)
}
