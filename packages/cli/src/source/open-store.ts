import {
  createStore,
  type IndexOptions,
  type KeywordsOptions,
  type Store,
  StoreError,
  type StoreOptions,
} from '@tandemstore/core'
import type { Embedder, EmbeddingCache, SpaceRecord } from '@tandemstore/core/adapter'
import { wrongUsage } from '../exit-codes.js'
import { formatNamespace } from '../namespace-path.js'
import { clean } from '../output/table.js'
import { chooseSpace, modelName } from './choose-space.js'
import { embedderOf, nameOnly, type OwnEmbedder } from './embedder-of.js'
import type { SourceFlags } from './flags.js'
import type { Place } from './place.js'
import { withCollection } from './rows.js'

export interface OpenOptions {
  readonly flags: Pick<SourceFlags, 'space' | 'field'>
  /**
   * What of the index is needed. `none`: documents only. `space`: its points, so that the name of the model does where its
   * embedder cannot be had. `model`: the embedder, as also comparing needs it: by its limits texts are cut.
   */
  readonly index: 'none' | 'space' | 'model'
  /** The collection gets words, if it has none. Only where no configuration says what is indexed. */
  readonly addsKeywords?: boolean | undefined
  /** The space to make where the collection has none. Absent: CONFIGURATION. */
  readonly makes?: NewSpace | undefined
  readonly cache?: EmbeddingCache | undefined
  /** Whether the time to live of the configuration holds. Default: false, as looking extends nothing. */
  readonly keepsTtl?: boolean | undefined
}

/** What a space is made of. */
export type NewSpace = Pick<SpaceRecord, 'model' | 'dimensions' | 'metric' | 'index'>

export interface OpenedStore extends AsyncDisposable {
  readonly store: Store
  /** The space of vectors that is open; absent with `index: 'none'`, and where the store has none. */
  readonly space?: NewSpace | undefined
}

/**
 * Opens the store of a place. It never embeds by itself: recovery and flushing are what commands ask for.
 *
 * @throws StoreError CONFIGURATION where a space is needed and there is none, or several
 */
export async function openStore(place: Place, options: OpenOptions): Promise<OpenedStore> {
  const base = { collection: place.collection, kv: place.kv, sync: 'manual' } as const
  if (place.configured !== undefined) {
    if (options.addsKeywords) throw wrongUsage('no --keywords beside --config, where index.keywords says it')
    return openConfigured(place.configured, options)
  }
  const records = await withCollection(place, (kv) => kv.spaces())
  const known = chooseSpace(records, options.flags.space)
  const filterable = known?.index?.filterable
  if (options.index === 'none' || place.vectors === undefined) {
    if (options.index !== 'none') needVectors(place)
    return opened(await createStore({ ...base, index: { filterable } }), undefined, undefined)
  }
  const space = known ?? options.makes
  if (space === undefined) throw wrongUsage(`The collection ${place.collection} of ${place.name} has no vectors`)
  const index = indexOf(space, options.flags.field, options.addsKeywords)
  const own = await embedderFor(space, options.index)
  try {
    const store = await createStore({
      ...base,
      ...index,
      vectors: place.vectors,
      embedder: own.embedder,
      cache: options.cache,
    })
    return opened(store, own.embedder && space, own.close)
  } catch (error) {
    await own.close?.()
    throw error
  }
}

/** None for a space of words alone. */
async function embedderFor(space: NewSpace, index: 'space' | 'model'): Promise<Partial<OwnEmbedder>> {
  if (space.dimensions === undefined) return {}
  try {
    return await embedderOf(space)
  } catch (error) {
    const nameDoes = index === 'space' && StoreError.isInstance(error) && error.code === 'CONFIGURATION'
    if (nameDoes) return { embedder: nameOnly(space) }
    throw error
  }
}

async function openConfigured(configured: StoreOptions, options: OpenOptions): Promise<OpenedStore> {
  const { vectors, embedder, cache, ttlMs, refreshTtlOnRead: _, ...rest } = configured
  const withIndex = options.index !== 'none' && vectors !== undefined
  if (options.index !== 'none' && !withIndex) throw wrongUsage('The store of this configuration has no vectors')
  const store = await createStore({
    ...rest,
    sync: 'manual',
    ...(options.keepsTtl ? { ttlMs } : {}),
    ...(withIndex ? { vectors, embedder, cache: options.cache ?? cache } : {}),
  })
  return opened(store, withIndex && embedder ? spaceOf(embedder, configured.index) : undefined, undefined)
}

function spaceOf(embedder: Embedder, index: IndexOptions | undefined): NewSpace {
  const { model, dimensions } = embedder
  return { model: { ...model }, dimensions, metric: index?.metric ?? 'cosine' }
}

function indexOf(
  space: NewSpace,
  fields: readonly string[] | undefined,
  addsKeywords = false,
): Pick<StoreOptions, 'index' | 'embedding'> {
  const { metric, index } = space
  if (index === undefined && fields === undefined) {
    throw wrongUsage(
      `The collection does not say what it indexes, as it was last opened by an older release: give --config, or --field for each path (${modelName(space)})`,
    )
  }
  const { filterable, onTooLong } = index ?? {}
  const keywords = (index?.keywords as KeywordsOptions | undefined) ?? (addsKeywords ? true : undefined)
  return { index: { fields: index?.fields ?? fields, filterable, metric, keywords }, embedding: { onTooLong } }
}

function needVectors(place: Place): never {
  throw wrongUsage(`${place.name} is opened without vectors: give --qdrant-url too`)
}

/** What a store says while it works, for people; unheard, it would be a warning of the process. */
function tellEvents(store: Store): void {
  const tell = (text: string) => void process.stderr.write(`${clean(text)}\n`)
  store.on('spaceIncomplete', () => tell('Not every document has its vector yet: tandem verify --repair'))
  store.on('noTexts', ({ fields }) =>
    tell(`No document so far has a text at ${fields.join(', ')}, so none can be found`),
  )
  store.on('damaged', ({ namespace, key }) => tell(`Damaged, and passed over: ${formatNamespace(namespace)} ${key}`))
  store.on('backgroundError', ({ during, error }) => tell(`While ${during}: ${error.code}: ${error.message}`))
  // These are told by what the call gives.
  store.on('indexBlocked', () => {})
  store.on('indexFailed', () => {})
}

function opened(
  store: Store,
  space: NewSpace | undefined,
  closeEmbedder: (() => Promise<void>) | undefined,
): OpenedStore {
  tellEvents(store)
  return {
    store,
    space,
    async [Symbol.asyncDispose]() {
      try {
        await store.close()
      } finally {
        await closeEmbedder?.()
      }
    },
  }
}
