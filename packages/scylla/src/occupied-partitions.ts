import type { CoLocatedIntents } from './co-located-intents.js'
import type { IntentMinute } from './intent-minutes.js'
import type { IntentPartitions, PartitionRegistration } from './intent-partitions.js'
import { mapWindow } from './rolling-window.js'
import type { StatementOptions } from './session.js'

/** Places that are looked at together: a writer that died may have left one for each namespace. */
const WINDOW = 64

/** The places from one on in which intents of a minute lie, each once, whoever wrote them. `onRegistration` is told of each record that was passed. */
export async function* occupiedPartitions(
  minute: IntentMinute,
  from: PartitionRegistration | undefined,
  {
    places,
    coLocated,
    onRegistration,
  }: {
    readonly places: IntentPartitions
    readonly coLocated: CoLocatedIntents
    onRegistration(place: PartitionRegistration): void
  },
  options: StatementOptions,
): AsyncGenerator<PartitionRegistration> {
  let last: PartitionRegistration | undefined
  for await (const group of inGroups(places.list(minute, from, options), WINDOW)) {
    const distinct: PartitionRegistration[] = []
    for (const place of group) {
      onRegistration(place)
      if (place.namespace !== last?.namespace || place.bucket !== last.bucket) distinct.push(place)
      last = place
    }
    const empty = await mapWindow(distinct, WINDOW, (place) =>
      coLocated.isEmpty(place.space, place.minute, place, options),
    )
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
