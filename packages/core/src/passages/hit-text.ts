import { type Json, parsePath, reach, WHOLE } from '../document/paths.js'
import { toText } from '../indexing/point-maker.js'

/** What a document has at a field: the texts that it is indexed by, one to a line. Default: the whole value as JSON. */
export function fieldText(value: object, field = WHOLE): string {
  return reach(value as Json, parsePath(field, 'matched.field'))
    .map(toText)
    .join('\n')
}
