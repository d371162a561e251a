import { hash } from 'node:crypto'

/** The name space of our UUIDs: itself the UUIDv5 of `tandemstore` in the DNS name space. */
const NAMESPACE_BYTES = Buffer.from('64823b8246cb5211bde5117c127c7713', 'hex')

/** The id of a point: the UUIDv5 (RFC 9562, section 5.5) of the document's `refId`, field and part. */
export function pointId(documentId: string, field: string, part: number): string {
  const name = `${documentId}\0${field}\0${part}`
  const bytes = Buffer.allocUnsafe(NAMESPACE_BYTES.length + name.length * 3)
  bytes.set(NAMESPACE_BYTES)
  const length = NAMESPACE_BYTES.length + bytes.write(name, NAMESPACE_BYTES.length)
  const hex = hash('sha1', bytes.subarray(0, length), 'hex')
  const variant = ((Number.parseInt(hex[16] as string, 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** The hash of a text that a point carries: SHA-256, base64url. */
export function textHash(text: string): string {
  return hash('sha256', text, 'base64url')
}
