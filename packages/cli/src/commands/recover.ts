import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { count } from '../output/format.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'

/** `tandem recover`. */
export function recoverCommand(): Command {
  return storeCommand('recover', 'Finishes what processes left that ended without a word. Ends with 3 if some failed.')
    .option('--retry-failed', 'also what had failed for good')
    .action(
      action<StoreFlags & { readonly retryFailed?: boolean }, []>(async ({ flags, out, signal }) => {
        await using opened = await openStore(await findPlace(flags), { flags, index: 'model' })
        const result = await opened.store.recover({ retryFailed: flags.retryFailed, signal })
        if (out.json) out.value(result)
        else {
          out.table(
            ['documents', 'number'],
            [
              ['done', count(result.projected)],
              ['failed', count(result.failed)],
              ['left to others', count(result.waiting)],
            ],
          )
        }
        return result.failed > 0 ? exitCodes.not : undefined
      }),
    )
}
