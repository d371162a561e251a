/// <reference lib="esnext.disposable" preserve="true" />
import type { StoreEvents } from '../observe/events.js'
import type { StoreStats } from '../observe/stats.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type {
  DeleteManyOptions,
  DeleteManyResult,
  DeleteNamespaceReceipt,
  DeleteOptions,
  Document,
  GetOptions,
  JsonObject,
  PutManyDocument,
  PutManyOptions,
  PutManyResult,
  PutOptions,
  Receipt,
  SignalOptions,
} from './documents.js'
import type {
  CloseOptions,
  CloseResult,
  Health,
  RecoverOptions,
  RecoverResult,
  SpaceInfo,
  VerifyOptions,
  VerifyResult,
} from './maintenance.js'
import type {
  CountOptions,
  DocumentPart,
  ListOptions,
  NamespacesOptions,
  Page,
  PartsOptions,
  ScoredHit,
  ScoredSearchOptions,
  SearchHit,
  SearchMode,
  SearchOptions,
  SearchPage,
} from './queries.js'

/** What a store can do, by how it was opened. */
export interface StoreCapabilities {
  /** Whether it searches by query: it has an index, and an embedder or `index.keywords`. */
  readonly searchable: boolean
  /** The modes of its searches; the first one is the default of a query. Empty in a store that is not searchable. */
  readonly modes: readonly SearchMode[]
  /** Whether it takes `ifAbsent` and `ifVersion`; otherwise they are NOT_SUPPORTED. */
  readonly conditionalWrites: boolean
  /** Whether a search always finds the true nearest documents. `false` in a store that is not searchable. */
  readonly exact: boolean
}

/** Documents and their vectors, in tandem. */
export interface Store<T extends object = JsonObject, Input extends object = T> extends AsyncDisposable {
  readonly capabilities: StoreCapabilities
  /** Stores a document. Last write wins, unless a condition is given. */
  put(namespace: Namespace, key: string, value: Input, options?: PutOptions): Promise<Receipt>
  /**
   * Stores many documents with bounded memory. A bad document does not stop the others. An error of the iterable
   * itself is thrown as it is, when what it gave before has been written; that stays.
   */
  putMany(
    documents: Iterable<PutManyDocument<Input>> | AsyncIterable<PutManyDocument<Input>>,
    options?: PutManyOptions,
  ): Promise<PutManyResult>
  /** The document, or `undefined`. @throws StoreError KV_FAILED, which names it, where its stored value is damaged */
  get(namespace: Namespace, key: string, options?: GetOptions): Promise<Document<T> | undefined>
  /**
   * The documents in the order of the input, `undefined` where there is none.
   * @throws StoreError KV_FAILED, which names the first document whose stored value is damaged: the others can be read
   *   without it, and `list` goes on past it
   */
  getMany(refs: readonly DocumentRef[], options?: GetOptions): Promise<(Document<T> | undefined)[]>
  /** Deletes a document; deleting what is not there is no error. */
  delete(namespace: Namespace, key: string, options?: DeleteOptions): Promise<Receipt>
  deleteMany(refs: readonly DocumentRef[], options?: DeleteManyOptions): Promise<DeleteManyResult>
  /** Deletes every document under a prefix of at least one label that was written before this call. */
  deleteNamespace(prefix: Namespace, options?: DeleteManyOptions): Promise<DeleteNamespaceReceipt>
  /**
   * The documents under a prefix that a query finds, by meaning, by words or by both, best first; with neither query
   * nor vector, in order of namespace and key. A page ends early only at the end; otherwise the array has a `cursor`.
   */
  search(prefix: Namespace, options: ScoredSearchOptions<T>): Promise<SearchPage<ScoredHit<T>>>
  search(prefix: Namespace, options?: SearchOptions<T>): Promise<SearchPage<SearchHit<T>>>
  /** The documents under a prefix in order of namespace and key, page by page. */
  list(prefix: Namespace, options?: ListOptions<T>): Promise<Page<Document<T>>>
  /** How many documents there are under a prefix. Reads all of them, in pages. */
  count(prefix: Namespace, options?: CountOptions<T>): Promise<number>
  /**
   * What the documents are indexed by, in the order of the input: their texts, and whether the index has each. An empty
   * list where there is no document or it has no text. NOT_SUPPORTED in a store without an index.
   */
  parts(refs: readonly DocumentRef[], options?: PartsOptions): Promise<DocumentPart[][]>
  /** The namespaces that hold documents, in order, page by page. */
  namespaces(options?: NamespacesOptions): Promise<Page<Namespace>>
  /** Resolves when every write accepted before this call is searchable; rejects saying which are not. */
  flush(options?: SignalOptions): Promise<void>
  /** Projects what writers that are gone left behind. Runs by itself on opening; this waits for it. */
  recover(options?: RecoverOptions): Promise<RecoverResult>
  /** Compares every document with its points, and mends them if asked. */
  verify(options?: VerifyOptions): Promise<VerifyResult>
  /** The vector spaces of the collection, one for each model that it was ever opened with, the oldest first. */
  spaces(options?: SignalOptions): Promise<SpaceInfo[]>
  /**
   * Drops the space of a model that is not used any more. CONFLICT for the space that this store searches, and for
   * one that another open store follows; INVALID_ARGUMENT for one that is not there.
   */
  dropSpace(name: string, options?: SignalOptions): Promise<void>
  stats(): Promise<StoreStats>
  health(options?: SignalOptions): Promise<Health>
  /** Listens to an event; gives a function that ends it. */
  on<Name extends keyof StoreEvents>(event: Name, listener: (payload: StoreEvents[Name]) => void): () => void
  /** Waits for what is under way, and closes. Later calls are refused with CLOSED. */
  close(options?: CloseOptions): Promise<CloseResult>
}
