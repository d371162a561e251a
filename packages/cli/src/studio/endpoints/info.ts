import { modelName } from '../../source/choose-space.js'
import { spacesOf } from '../../source/spaces-of.js'
import type { Info, SpaceEntry } from '../api-types.js'
import type { Studio } from '../studio.js'
import type { Endpoint } from './endpoint.js'

/** What is looked at, and what can be done with it. */
export const info: Endpoint = {
  takes: [],
  async run(studio, _, signal): Promise<Info> {
    const { place, writable, modes, noSearch } = studio
    return {
      name: place.name,
      collection: place.collection,
      writable,
      modes,
      noSearch,
      spaces: await spaceEntries(studio, signal),
    }
  },
}

async function spaceEntries({ place, store }: Studio, signal: AbortSignal): Promise<SpaceEntry[]> {
  const [spaces, infos] = await Promise.all([spacesOf(place, signal), store.spaces({ signal })])
  return spaces.map((space) => {
    const { name, dimensions, metric, complete, points, createdAt, index } = space
    return {
      name,
      model: modelName(space),
      dimensions,
      metric,
      complete,
      current: infos.find((each) => each.name === name)?.current ?? false,
      points,
      fields: index?.fields ?? [],
      createdAt: new Date(createdAt).toISOString(),
    }
  })
}
