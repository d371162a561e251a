import type { DeleteRow, DocumentRef, DocumentRow, PutRow, WriteOutcome } from '@tandemstore/core/adapter'
import { StoreError } from '@tandemstore/core/adapter'
import type { Row } from '../connection.js'
import { decodeNamespace, encodeNamespace } from '../names.js'

/** The columns of a row that toDocument reads. */
export const CONTENT = 'namespace, key, version, created_at, updated_at, expires_at, ttl_ms, directive, value'

export function toDocument(row: Row): DocumentRow {
  const { expires_at: expiresAt, ttl_ms: ttlMs, directive } = row
  return {
    ...toRef(row),
    value: row.value as string,
    version: row.version as string,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    ...(expiresAt !== null && { expiresAt: Number(expiresAt) }),
    ...(ttlMs !== null && { ttlMs: Number(ttlMs) }),
    ...(directive !== null && { index: JSON.parse(directive as string) as false | readonly string[] }),
  }
}

export function toRef(row: Row): DocumentRef {
  return { namespace: decodeNamespace(row.namespace as string), key: row.key as string }
}

function conditionOf(condition: PutRow['condition']): object {
  if (condition === undefined) return {}
  return {
    condition: condition.kind,
    condition_now: condition.now,
    ...(condition.kind === 'version' && { condition_version: condition.version }),
  }
}

export function packPut({ row, condition }: PutRow, place: number): object {
  return {
    place,
    namespace: encodeNamespace(row.namespace),
    key: row.key,
    version: row.version,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    expires_at: row.expiresAt,
    ttl_ms: row.ttlMs,
    directive: row.index === undefined ? undefined : JSON.stringify(row.index),
    value: row.value,
    ...conditionOf(condition),
  }
}

export function packDelete({ namespace, key, version, condition }: DeleteRow, place: number): object {
  return { place, namespace: encodeNamespace(namespace), key, version, ...conditionOf(condition) }
}

export function toOutcome({ status, existed, current }: Row): WriteOutcome {
  const version = (current ?? undefined) as string | undefined
  switch (status) {
    case 'written':
      return { status, existed: existed === true }
    case 'superseded':
      return { status, version: version as string }
    case 'conflict':
      return { status, version }
    default: {
      const message = 'Namespace and key are longer than an index of Postgres takes: shorten them'
      return {
        status: 'failed',
        error: new StoreError('INVALID_ARGUMENT', message, { field: 'key' }),
        notWritten: true,
      }
    }
  }
}
