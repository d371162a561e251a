import { count, namespaces } from './browse.js'
import { deleteDocument, document, documents } from './documents.js'
import type { Endpoint } from './endpoint.js'
import { info } from './info.js'
import { search } from './search.js'
import { vectors } from './vectors.js'
import { figures, pending, retry } from './work.js'

/** By name. */
export const endpoints: Readonly<Record<string, Endpoint | undefined>> = Object.assign(Object.create(null), {
  info,
  namespaces,
  count,
  documents,
  document,
  delete: deleteDocument,
  search,
  figures,
  pending,
  retry,
  vectors,
} satisfies Record<string, Endpoint>)
