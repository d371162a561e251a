import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { count, time } from '../output/format.js'
import { modelName } from '../source/choose-space.js'
import { findPlace } from '../source/find-place.js'
import { spacesOf } from '../source/spaces-of.js'

/** `tandem spaces`. */
export function spacesCommand(): Command {
  return storeCommand('spaces', 'The vector spaces of the collection, one for each model.').action(
    action<StoreFlags, []>(async ({ flags, out, signal }) => {
      const spaces = await spacesOf(await findPlace(flags), signal)
      if (out.json) out.value(spaces)
      else if (spaces.length === 0) out.note('The collection has no vectors.')
      else
        out.table(
          ['name', 'model', 'dimensions', 'metric', 'vectors', 'complete', 'created', 'indexes'],
          spaces.map((space) => [
            space.name,
            modelName(space),
            String(space.dimensions ?? ''),
            space.metric,
            space.points === undefined ? '' : count(space.points),
            space.complete ? 'yes' : 'no',
            time(new Date(space.createdAt)),
            space.index?.fields.join(', ') ?? '',
          ]),
        )
      return undefined
    }),
  )
}
