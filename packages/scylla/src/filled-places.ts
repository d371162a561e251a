import type { IntentMinute } from './intent-minutes.js'
import type { IntentPlaces, PlaceRecord } from './intent-places.js'
import type { IntentsBeside } from './intents-beside.js'
import { mapWindow } from './rolling-window.js'
import type { StatementOptions } from './session.js'

/** Places that are looked at together: a writer that died may have left one for each namespace. */
const WINDOW = 64

/** The places from one on in which intents of a minute lie, each once, whoever wrote them. `onPlace` is told of each record that was passed. */
export async function* filledPlaces(
  minute: IntentMinute,
  from: PlaceRecord | undefined,
  {
    places,
    besides,
    onPlace,
  }: { readonly places: IntentPlaces; readonly besides: IntentsBeside; onPlace(place: PlaceRecord): void },
  options: StatementOptions,
): AsyncGenerator<PlaceRecord> {
  let last: PlaceRecord | undefined
  for await (const group of inGroups(places.list(minute, from, options), WINDOW)) {
    const distinct: PlaceRecord[] = []
    for (const place of group) {
      onPlace(place)
      if (place.namespace !== last?.namespace || place.bucket !== last.bucket) distinct.push(place)
      last = place
    }
    const empty = await mapWindow(distinct, WINDOW, (place) =>
      besides.isEmpty(place.space, place.minute, place, options),
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
