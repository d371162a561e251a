import type { Store } from '@tandemstore/core'
import { ToolError } from './tool-errors.js'

/** How a search finds: by meaning. */
export type SearchMode = 'vector'

/** The mode of a search, by what the store can do. */
export function searchModeOf(store: Store): SearchMode {
  if (store.capabilities.searchable) return 'vector'
  throw new ToolError('This store has no embedder, so it cannot be searched. Use memory_list, with a filter.')
}
