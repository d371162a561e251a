import type { CoLocatedIntents } from './co-located-intents.js'
import type { IntentMinute } from './intent-minutes.js'
import type { IntentPartitions, PartitionRegistration } from './intent-partitions.js'
import { mapWindow } from './rolling-window.js'
import type { StatementOptions } from './session.js'

/** Partitions that are checked at the same time: a writer that crashed may have left one for each namespace. */
const WINDOW = 64

/**
 * The partitions that hold co-located intents of a minute, each once, from one on (inclusive). `onRegistration` gets
 * every registration that is passed, of occupied partitions and others.
 */
export async function* occupiedPartitions(
  minute: IntentMinute,
  from: PartitionRegistration | undefined,
  {
    partitions,
    coLocated,
    onRegistration,
  }: {
    readonly partitions: IntentPartitions
    readonly coLocated: CoLocatedIntents
    onRegistration(registration: PartitionRegistration): void
  },
  options: StatementOptions,
): AsyncGenerator<PartitionRegistration> {
  let last: PartitionRegistration | undefined
  for await (const group of inGroups(partitions.list(minute, from, options), WINDOW)) {
    const distinct: PartitionRegistration[] = []
    for (const registration of group) {
      onRegistration(registration)
      const isSame = registration.namespace === last?.namespace && registration.bucket === last.bucket
      if (!isSame) distinct.push(registration)
      last = registration
    }
    const empty = await mapWindow(distinct, WINDOW, (each) => coLocated.isEmpty(each.space, each.minute, each, options))
    yield* distinct.filter((_, i) => !empty[i])
  }
}

async function* inGroups<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let group: Item[] = []
  for await (const item of items) {
    group.push(item)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
