/**
 * A vector as text: the mark `f32`, so that another's value is not taken for one, its length, and its 32-bit floats,
 * little end first, in base64 (5.4 bytes a number; JSON takes about 20). Text, because every store and serializer of
 * Keyv keeps it as it is.
 */
export function encodeVector(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4))
  for (const [i, x] of vector.entries()) bytes.setFloat32(i * 4, x, true)
  return `f32:${vector.length}:${Buffer.from(bytes.buffer).toString('base64')}`
}

/** The vector, or `undefined` for anything that `encodeVector` did not give, whole. */
export function decodeVector(value: unknown): Float32Array | undefined {
  if (typeof value !== 'string') return undefined
  const [, length, base64] = /^f32:(\d+):([A-Za-z0-9+/=]+)$/.exec(value) ?? []
  if (base64 === undefined) return undefined
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== Number(length) * 4) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: Number(length) }, (_, i) => view.getFloat32(i * 4, true))
}
