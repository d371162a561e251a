import type { SpaceRecord } from '../ports/kv-records.js'
import type { OtherSpaces } from './other-spaces.js'

/** The spaces that have to follow a change, by name. */
export interface FollowedSpaces {
  readonly spaces: readonly string[]
  /** Those of them for which an intent is kept. */
  readonly intentSpaces: readonly string[]
  /** The one that this store searches; absent in a store without an index, which leaves its intents to others. */
  readonly searched: string | undefined
}

export type Change = 'put' | 'deletion' | 'refresh'

/** Which spaces have to follow a change in a store that searches the space `own`. */
export function spacesOfChange(change: Change, own: string, others: OtherSpaces): FollowedSpaces {
  const alone = { spaces: [own], intentSpaces: [own], searched: own }
  if (change === 'refresh') return alone
  // A deletion reaches every space. An overwrite only cleans those that no live store follows: no crash matters there.
  const rest = change === 'deletion' ? others.all : others.abandoned
  if (rest.length === 0) return alone
  const spaces = [own, ...rest]
  return { spaces, intentSpaces: change === 'deletion' ? spaces : [own], searched: own }
}

/** Without an index every space has to follow, by the stores that have one. */
export function spacesOfOthers(records: readonly SpaceRecord[]): FollowedSpaces {
  const spaces = records.map(({ name }) => name)
  return { spaces, intentSpaces: spaces, searched: undefined }
}
