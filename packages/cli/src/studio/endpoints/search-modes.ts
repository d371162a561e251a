import type { Store } from '@tandemstore/core'
import type { Mode } from '../api-types.js'

/** The modes of a store's searches, the default first. */
export function modesOf({ capabilities }: Store): readonly Mode[] {
  const { searchable, modes } = capabilities as typeof capabilities & { readonly modes?: readonly Mode[] }
  return modes ?? (searchable ? ['vector'] : [])
}
