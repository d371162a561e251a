import { type DocumentRow, formatVersion, type Version } from '@tandemstore/core/adapter'

/** The version of a moment, some milliseconds from now. */
export function versionAt(ms: number): Version {
  return formatVersion(Math.round((Date.now() + ms) * 1000), '0123456789ab')
}

export function rowOf(key: string, version: Version, value = '{}', namespace: readonly string[] = ['n']): DocumentRow {
  return { namespace, key, value, version, createdAt: 1, updatedAt: 2 }
}
