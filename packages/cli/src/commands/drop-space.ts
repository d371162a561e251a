import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { exitCodes, wrongUsage } from '../exit-codes.js'
import { modelName } from '../source/choose-space.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'
import { spacesOf } from '../source/spaces-of.js'

/** `tandem drop-space`. */
export function dropSpaceCommand(): Command {
  return storeCommand('drop-space', 'Deletes the vectors of a model that is not used any more. The documents stay.')
    .argument('<name>', 'as tandem spaces lists it')
    .option('--yes', 'do it; without, nothing is deleted')
    .action(
      action<StoreFlags & { readonly yes?: boolean }, [string]>(async ({ flags, out, signal }, name) => {
        const place = await findPlace(flags)
        const spaces = await spacesOf(place, signal)
        const dropped = spaces.find((space) => space.name === name)
        if (dropped === undefined) throw wrongUsage(`There is no space ${name}: tandem spaces lists them`)
        // It is dropped by a store that is open on another one.
        const other = flags.space ?? spaces.findLast((space) => space.name !== name)?.name
        if (other === undefined && place.configured === undefined)
          throw wrongUsage(`${name} is the only space of the collection: without it nothing could be found`)
        if (!flags.yes) {
          out.note(
            `This would delete the ${dropped.points ?? ''} vectors of ${modelName(dropped)}. Add --yes to do it.`,
          )
          return exitCodes.usage
        }
        await using opened = await openStore(place, { flags: { ...flags, space: other }, index: 'space' })
        await opened.store.dropSpace(name, { signal })
        if (out.json) out.value({ dropped: name, points: dropped.points ?? null })
        else out.line(`Dropped ${name}.`)
        return undefined
      }),
    )
}
