import { type DocumentRef, type DocumentRow, formatVersion, type Version } from '@tandemstore/core/adapter'

export const WRITER = '0123456789ab'

/** The version of a moment, some milliseconds from now, by one writer. */
export function versionAt(ms: number, writer = WRITER): Version {
  return formatVersion(Math.round((Date.now() + ms) * 1000), writer)
}

export function rowOf(ref: DocumentRef, version: Version, rest: Partial<DocumentRow> = {}): DocumentRow {
  return { ...ref, version, value: JSON.stringify({ of: version }), createdAt: 1, updatedAt: 2, ...rest }
}
