import type { EmbeddingEvent } from '../embedding/events.js'
import { invalid, type StoreError } from '../errors.js'
import type { DocumentRef, Version } from '../ports/common.js'

/** How the embedding cache did while the store was open. */
export interface CacheSummary {
  /** Vectors it holds and may hold, where it tells. */
  readonly size?: number | undefined
  readonly maxSize?: number | undefined
  readonly hits: number
  readonly misses: number
  /** Hits among all reads, 0 to 1; 0 where there were none. */
  readonly hitRate: number
}

/** What a store tells while it works, by name. */
export interface StoreEvents {
  /** A version, or its deletion, is searchable. */
  readonly indexed: DocumentRef & { readonly version: Version }
  /** A document will not be searchable unless it is changed or `recover({ retryFailed: true })` succeeds. */
  readonly indexFailed: DocumentRef & { readonly version: Version; readonly error: StoreError }
  /** Attempts to index failed and are going to be made again. `documents`: how many wait for that by now. */
  readonly indexDelayed: { readonly documents: number; readonly error: StoreError; readonly retryInMs: number }
  /**
   * The set-up keeps documents from being searchable: a key, a configuration, a quota, a disk. They wait, and go on
   * when it is mended. Told once, until an attempt succeeds.
   */
  readonly indexBlocked: { readonly error: StoreError }
  /** The space does not hold every document yet: `verify({ repair: true })` fills it. */
  readonly spaceIncomplete: { readonly space: string }
  /**
   * None of the first documents written has a text at any of `index.fields`, so that no query finds them. Told once,
   * after 100 of them.
   */
  readonly noTexts: { readonly documents: number; readonly fields: readonly string[] }
  /** Work that another writer had left behind is done. */
  readonly recovered: { readonly projected: number; readonly failed: number }
  /** A read passed over a document whose stored value is damaged. `get` of it throws; a put or a deletion mends it. */
  readonly damaged: DocumentRef
  /** A search met points of documents that are gone; they are being deleted. */
  readonly orphansFound: { readonly documents: number }
  /**
   * A hybrid search answered by words alone, as its query could not be embedded. Told once, until the embedder embeds a
   * text again.
   */
  readonly searchDegraded: { readonly error: StoreError }
  /** Something in the background went wrong; what it was about is done later or by recovery. */
  readonly backgroundError: { readonly during: string; readonly error: StoreError }
  /**
   * The reranker failed, so that searches keep the order they had. Told once, until a call of it succeeds; `stats()`
   * counts all.
   */
  readonly rerankFailed: { readonly error: StoreError }
  /** The store is closed. `cache` sums up the embedding cache, for the log. */
  readonly closed: { readonly leftToRecovery: number; readonly cache?: CacheSummary }
  /** What the embedding pipeline tells: retries, rate limits, refused batches, cache errors, the circuit. */
  readonly embedding: EmbeddingEvent
}

type Listener<Name extends keyof StoreEvents> = (payload: StoreEvents[Name]) => void

/**
 * Events that, heard by nobody, are said as a warning of the process, so that no failure in the background is silent:
 * with these words, or those of their error.
 */
const neverSilent: ReadonlyMap<keyof StoreEvents, string | undefined> = new Map([
  ['indexFailed', undefined],
  [
    'indexBlocked',
    'Documents are stored, and wait to be indexed until the set-up is mended. Mend what the error says: a key, an account, a setting, a disk. They go on by themselves then; health().blocked tells how many wait',
  ],
  ['backgroundError', undefined],
  ['rerankFailed', undefined],
  ['searchDegraded', undefined],
  ['damaged', 'The stored value of a document is damaged, so reads pass over it: put or delete it'],
  [
    'spaceIncomplete',
    'Not every document has its points in this space yet, so that queries, by words as well, do not find them all: verify({ repair: true }) fills it',
  ],
  [
    'noTexts',
    'None of the first 100 documents has a text at any of index.fields, so that no query finds them: check the paths',
  ],
])

const eventNames: ReadonlySet<string> = new Set<keyof StoreEvents>([
  'indexed',
  'indexFailed',
  'indexDelayed',
  'indexBlocked',
  'spaceIncomplete',
  'noTexts',
  'recovered',
  'damaged',
  'orphansFound',
  'searchDegraded',
  'backgroundError',
  'rerankFailed',
  'closed',
  'embedding',
])

/** Typed events. A listener that throws does not disturb the store: its error becomes a warning of the process. */
export class Events {
  readonly #listeners = new Map<keyof StoreEvents, Set<Listener<never>>>()
  readonly #warned = new Set<keyof StoreEvents>()
  readonly #collection: string

  constructor(collection: string) {
    this.#collection = collection
  }

  on<Name extends keyof StoreEvents>(event: Name, listener: Listener<Name>): () => void {
    if (!eventNames.has(event)) throw invalid('event', `one of ${[...eventNames].join(', ')}`)
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    // A listener given twice is called twice, and each call of `on` undoes its own.
    const own: Listener<Name> = (payload) => listener(payload)
    listeners.add(own as Listener<never>)
    return () => void listeners.delete(own as Listener<never>)
  }

  /** Whether anybody listens, for events that cost something to make. */
  heard(event: keyof StoreEvents): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0
  }

  emit<Name extends keyof StoreEvents>(event: Name, payload: StoreEvents[Name]): void {
    const listeners = this.#listeners.get(event)
    if (listeners === undefined || listeners.size === 0) {
      this.#warn(event, payload)
      return
    }
    for (const listener of listeners) {
      try {
        ;(listener as Listener<Name>)(payload)
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error), { type: 'TandemWarning', code: event })
      }
    }
  }

  #warn(event: keyof StoreEvents, payload: StoreEvents[keyof StoreEvents]): void {
    if (!neverSilent.has(event) || this.#warned.has(event)) return
    this.#warned.add(event)
    const ofError = 'error' in payload && payload.error instanceof Error ? payload.error.message : event
    const advice = neverSilent.get(event)
    const message = advice !== undefined && ofError !== event ? `${ofError}. ${advice}` : (advice ?? ofError)
    process.emitWarning(`${message} (said once; listen to '${event}' for all)`, {
      type: 'TandemWarning',
      code: event,
      detail: `collection ${this.#collection}${documentOf(payload)}`,
    })
  }
}

/** Which document an event is about, as words for a warning. */
function documentOf(payload: StoreEvents[keyof StoreEvents]): string {
  if (!('key' in payload)) return ''
  return `, namespace ${JSON.stringify(payload.namespace)}, key ${JSON.stringify(payload.key)}`
}
