import { maxVersion } from '../document/version.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'

/** The notes that points of these spaces have to follow a write of a document. */
export function documentIntents(
  { namespace, key }: DocumentRef,
  version: Version,
  spaces: readonly string[],
): Intent[] {
  return spaces.map((space) => ({ kind: 'document', namespace, key, version, space }))
}

/** The highest version of some intents. */
export function highestVersion(intents: readonly Intent[]): Version {
  return intents.map((intent) => intent.version).reduce(maxVersion)
}
