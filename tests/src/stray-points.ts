import { hash } from 'node:crypto'
import type { DocumentPoints, DocumentRef, Version } from '@tandemstore/core/adapter'

/** Points that no store wrote, one for each field; without fields those that the document has are deleted. */
export function pointsOf(ref: DocumentRef, version: Version, fields: readonly string[]): DocumentPoints {
  return {
    ...ref,
    version,
    values: {},
    fingerprint: 'stray',
    points: fields.map((field) => {
      const hex = hash('sha1', JSON.stringify([ref, field]))
      const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
      return { id, field, part: 0, hash: 'stray', vector: new Float32Array(64).fill(1 / 8) }
    }),
  }
}
