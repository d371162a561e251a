export { type CopyOptions, type CopyPosition, type CopyProgress, copyStore } from './copy-store.js'
export { type FromLangChainOptions, fromLangChain, type LangChainEmbeddings } from './langchain.js'
export type { PutExtras, ReadExtras } from './operations.js'
export type {
  ComposedOptions,
  GivenOptions,
  TandemIndexConfig,
  TandemStoreOptions,
  TtlConfig,
} from './options.js'
export { TandemStore } from './tandem-store.js'
