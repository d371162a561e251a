import { type SearchMode, type Store, StoreError } from '@tandemstore/core'
import type { SourceFlags } from '../source/flags.js'
import { type OpenedStore, openStore } from '../source/open-store.js'
import type { Place } from '../source/place.js'
import { withCollection } from '../source/rows.js'
import { FigureHistory } from './figure-history.js'

export interface StudioOptions {
  readonly flags: SourceFlags
  /** Whether the page may change anything. */
  readonly writable: boolean
}

/** A store that is looked at, open until the end. */
export interface Studio extends AsyncDisposable {
  readonly place: Place
  readonly flags: SourceFlags
  readonly store: Store
  readonly writable: boolean
  /** The modes of its searches, the default first. */
  readonly modes: readonly SearchMode[]
  /** Why there are no others: no query can be embedded, or there is nothing to search. */
  readonly noSearch?: string | undefined
  /** Whether the store has an index, so that documents have parts. */
  readonly indexed: boolean
  readonly history: FigureHistory
}

/** Opens as much of a store as there is: with its embedder, else with its vectors, else its documents alone. */
export async function openStudio(place: Place, { flags, writable }: StudioOptions): Promise<Studio> {
  const { opened, noSearch, indexed } = await openWhatThereIs(place, flags)
  const { store } = opened
  const { modes } = store.capabilities
  return {
    place,
    flags,
    store,
    writable,
    // Words need no embedder.
    modes: noSearch === undefined ? modes : modes.filter((mode) => mode === 'keyword'),
    noSearch,
    indexed,
    history: new FigureHistory(place, store),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

interface Opened {
  readonly opened: OpenedStore
  readonly noSearch?: string
  readonly indexed: boolean
}

async function openWhatThereIs(place: Place, flags: SourceFlags): Promise<Opened> {
  const noSearch = await whyWithoutIndex(place)
  if (noSearch !== undefined)
    return { opened: await openStore(place, { flags, index: 'none' }), noSearch, indexed: false }
  try {
    return { opened: await openStore(place, { flags, index: 'model' }), indexed: true }
  } catch (error) {
    if (!StoreError.isInstance(error) || error.code !== 'CONFIGURATION') throw error
    // Its vectors can be looked at without its model. If that was not the reason, it fails once more.
    return { opened: await openStore(place, { flags, index: 'space' }), noSearch: error.message, indexed: true }
  }
}

async function whyWithoutIndex(place: Place): Promise<string | undefined> {
  const { configured } = place
  if (place.vectors === undefined) return 'The store is opened without vectors, so it holds documents only'
  if (configured !== undefined) return undefined
  const records = await withCollection(place, (kv) => kv.spaces())
  return records.length === 0 ? 'The collection has no vectors yet' : undefined
}
