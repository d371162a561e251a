import { hash } from 'node:crypto'
import type { DocumentRef } from '../ports/common.js'
import { refId } from './namespace.js'

/** The name space of our UUIDs: itself the UUIDv5 of `tandemstore` in the DNS name space. */
const NAMESPACE_BYTES = Buffer.from('64823b8246cb5211bde5117c127c7713', 'hex')

/** The id of a point: the UUIDv5 (RFC 9562, section 5.5) of namespace, key, field and part. */
export function pointId(ref: DocumentRef, field: string, part: number): string {
  const name = Buffer.from(`${refId(ref)}\0${field}\0${part}`)
  const bytes = hash('sha1', Buffer.concat([NAMESPACE_BYTES, name]), 'buffer').subarray(0, 16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The hash of a text that a point carries: SHA-256, base64url. */
export function textHash(text: string): string {
  return hash('sha256', text, 'base64url')
}
