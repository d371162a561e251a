import { decodeNamespace, encodeNamespace, type Namespace } from '@tandemstore/core/adapter'

/** The bytes that the tables keep of a namespace; those of a prefix begin those of all under it. */
export function namespaceBytes(namespace: Namespace): Buffer {
  return Buffer.from(encodeNamespace(namespace))
}

export function textBytes(text: string): Buffer {
  return Buffer.from(text)
}

/** All that comes after every namespace: 0xFF is in no UTF-8. */
const END = Buffer.from([0xff])

/** The first bytes after all namespaces under a prefix: the NUL that ends it, plus one. */
export function prefixEnd(prefix: Uint8Array): Buffer {
  if (prefix.length === 0) return END
  const end = Buffer.from(prefix)
  end[end.length - 1] = 1
  return end
}

export function bytesToText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

export function bytesToNamespace(bytes: Uint8Array): string[] {
  return decodeNamespace(bytesToText(bytes))
}
