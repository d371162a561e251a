/** The bytes of a vector: its own, where it is a window on a larger buffer. */
export function toBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength).slice()
}

/** A vector of its own memory; `undefined` for what is none. */
export function fromBytes(bytes: Uint8Array | undefined): Float32Array | undefined {
  if (bytes === undefined || bytes.byteLength === 0 || bytes.byteLength % 4 !== 0) return undefined
  return new Float32Array(bytes.slice().buffer)
}
