import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { type Filter, filterOption, namespace } from '../options.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'

/** `tandem count`. */
export function countCommand(): Command {
  return storeCommand('count', 'How many documents there are. Reads all of them.')
    .argument('[prefix]', 'default: everything', namespace, [])
    .addOption(filterOption())
    .action(
      action<StoreFlags & { readonly filter?: Filter }, [string[]]>(async ({ flags, out, signal }, prefix) => {
        await using opened = await openStore(await findPlace(flags), { flags, index: 'none' })
        const documents = await opened.store.count(prefix, { filter: flags.filter, signal })
        if (out.json) out.value({ prefix, documents })
        else out.line(String(documents))
        return undefined
      }),
    )
}
