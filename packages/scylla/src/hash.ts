/**
 * A 32-bit hash of a text: FNV-1a over its UTF-8 bytes (Fowler, Noll, Vo), mixed by the finaliser of MurmurHash3 so
 * that its remainders are even. It decides where rows lie, so it never changes.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
