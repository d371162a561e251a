import type { JsonObject } from '@tandemstore/core'
import type { Incoming, Shape, Unreadable } from './incoming.js'

const keyFields = ['_id', 'id', 'key']

/** A document of a store from any JSON object. */
export function shapeValue(
  value: JsonObject,
  at: Pick<Incoming, 'position' | 'size'>,
  { namespace, textField, keyField, index }: Shape,
): Incoming | Unreadable {
  if (textField !== undefined && typeof value[textField] !== 'string')
    return { position: at.position, reason: `expected a text in "${textField}"` }
  const field = keyField ?? keyFields.find((name) => value[name] !== undefined)
  const key = field === undefined ? String(at.position) : value[field]
  if (typeof key !== 'string' && typeof key !== 'number')
    return { position: at.position, reason: `expected a text or a number in "${field}"` }
  return { ...at, document: { namespace, key: String(key), value, ...(index === undefined ? {} : { index }) } }
}
