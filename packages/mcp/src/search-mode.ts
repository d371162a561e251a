import type { SearchMode, Store } from '@tandemstore/core'
import { ToolError } from './tool-errors.js'

/** How a search finds: by meaning and words, by meaning, by words. */
export const searchModes = ['hybrid', 'vector', 'keyword'] as const satisfies readonly SearchMode[]

/** The mode of a search, by what the store can do. */
export function searchModeOf({ capabilities: { modes } }: Store, asked: SearchMode | undefined): SearchMode {
  const [usual] = modes
  if (usual === undefined)
    throw new ToolError('This store has no index, so it cannot be searched. Use memory_list, with a filter.')
  if (asked === undefined || modes.includes(asked)) return asked ?? usual
  throw new ToolError(`This store does not search in mode ${asked}. Use one of: ${modes.join(', ')}.`)
}
