import { type Command, Option } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { exitCodes, wrongUsage } from '../exit-codes.js'
import { formatNamespace } from '../namespace-path.js'
import { namespace } from '../options.js'
import { plural } from '../output/format.js'
import type { Output } from '../output/output.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'
import type { Place } from '../source/place.js'
import { withCollection } from '../source/rows.js'

interface DeleteFlags extends StoreFlags {
  readonly namespace?: string[]
  readonly yes?: boolean
}

/** `tandem delete`. */
export function deleteCommand(): Command {
  return storeCommand('delete', 'Deletes documents, or a namespace with all that is in it, and their vectors.')
    .argument('[namespace]', 'of the documents', namespace)
    .argument('[keys...]')
    .addOption(new Option('--namespace <prefix>', 'everything under this prefix').argParser(namespace))
    .option('--yes', 'do it; without, nothing is deleted')
    .action(
      action<DeleteFlags, [string[] | undefined, string[]]>(async ({ flags, out, signal }, of, keys) => {
        const { namespace: prefix } = flags
        if ((prefix === undefined) === (of === undefined) || (of !== undefined && keys.length === 0))
          throw wrongUsage('Say what to delete: a namespace and keys, or --namespace and a prefix')
        if (prefix?.length === 0) throw wrongUsage('--namespace needs at least one label: not everything at once')
        const what = prefix === undefined ? plural(keys.length, 'document') : `all under ${formatNamespace(prefix)}`
        if (!flags.yes) {
          out.note(`This would delete ${what}. Add --yes to do it.`)
          return exitCodes.usage
        }
        const place = await findPlace(flags)
        // A collection without vectors has none to delete.
        const index = (await hasSpaces(place)) ? 'space' : 'none'
        await using opened = await openStore(place, { flags, index })
        const { store } = opened
        if (prefix !== undefined) {
          const { deleted } = await store.deleteNamespace(prefix, { sync: 'wait', signal })
          say(out, deleted, { namespace: prefix })
          return undefined
        }
        const refs = keys.map((key) => ({ namespace: of as string[], key }))
        const { existed, failed } = await store.deleteMany(refs, { sync: 'wait', signal })
        for (const { key, error } of failed) out.note(`${key}: ${error.code}: ${error.message}`)
        say(out, existed, { namespace: of as string[], failed: failed.length })
        return failed.length > 0 ? exitCodes.error : undefined
      }),
    )
}

async function hasSpaces(place: Place): Promise<boolean> {
  return place.vectors !== undefined && (await withCollection(place, (kv) => kv.spaces())).length > 0
}

/** `deleted`: absent where the database does not tell. */
function say(out: Output, deleted: number | undefined, about: Readonly<Record<string, unknown>>): void {
  if (out.json) out.value({ ...about, deleted: deleted ?? null })
  else out.line(deleted === undefined ? 'Deleted.' : `Deleted ${plural(deleted, 'document')}.`)
}
