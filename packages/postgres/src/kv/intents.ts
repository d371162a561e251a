import { type Intent, invalid } from '@tandemstore/core/adapter'
import type { Row } from '../connection.js'
import { decodeNamespace, encodeNamespace } from '../names.js'

export function packIntent(intent: Intent, place: number): object {
  const { space, version, kind, namespace, key, failure } = intent
  return {
    place,
    space,
    version,
    kind,
    namespace: encodeNamespace(namespace),
    key,
    failure: failure && JSON.stringify(failure),
  }
}

export function toIntent({ kind, namespace, key, version, failure }: Row, space: string): Intent {
  return {
    kind: kind as Intent['kind'],
    namespace: decodeNamespace(namespace as string),
    key: key as string,
    version: version as string,
    space,
    ...(failure !== null && { failure: JSON.parse(failure as string) as NonNullable<Intent['failure']> }),
  }
}

/** Where a page ended: the version and the id, in hexadecimal digits. */
export function toCursor({ version, id }: Row): string {
  return `${version} ${id}`
}

export function fromCursor(cursor: string): [version: string, id: string] {
  const [version, id, ...rest] = cursor.split(' ')
  if (version === undefined || id === undefined || rest.length > 0 || !/^[0-9a-f]{64}$/.test(id))
    throw invalid('cursor', 'a cursor that listIntents gave')
  return [version, id]
}
