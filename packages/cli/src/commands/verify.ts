import type { VerifyResult } from '@tandemstore/core'
import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { exitCodes, wrongUsage } from '../exit-codes.js'
import { namespace } from '../options.js'
import { count } from '../output/format.js'
import { startProgress } from '../output/progress.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'

interface VerifyFlags extends StoreFlags {
  readonly repair?: boolean
  readonly keywords?: boolean
}

/** `tandem verify`. */
export function verifyCommand(): Command {
  return storeCommand('verify', 'Compares every document with its vectors. Ends with 3 if there is drift that is left.')
    .argument('[prefix]', 'default: everything', namespace, [])
    .option('--repair', 'mend what is found')
    .option('--keywords', 'with --repair: documents are found by words, too, from now on')
    .action(
      action<VerifyFlags, [string[]]>(async ({ flags, out, signal }, prefix) => {
        const repair = flags.repair ?? false
        if (flags.keywords && !repair) throw wrongUsage('--repair beside --keywords')
        const place = await findPlace(flags)
        await using opened = await openStore(place, { flags, index: 'model', addsKeywords: flags.keywords })
        // A repair that the set-up keeps from embedding goes on, and mends what needs none.
        opened.store.on('indexBlocked', ({ error }) => out.note(`${error.code}: ${error.message}`))
        const progress = startProgress(repair ? 'Repairing' : 'Verifying')
        let result: VerifyResult
        try {
          const onProgress = ({ checked }: VerifyResult): void => progress.update(checked)
          result = await opened.store.verify({ prefix, repair, onProgress, signal })
        } finally {
          progress.end()
        }
        const left = driftOf(result) - result.repaired
        if (out.json) out.value({ ...result, left })
        else {
          out.table(
            ['documents', 'number'],
            Object.entries(result).map(([name, value]) => [names[name as keyof VerifyResult], count(value)]),
          )
        }
        if (left > 0) out.note(repair ? `${count(left)} could not be mended.` : 'Mend them with --repair.')
        return left > 0 ? exitCodes.not : undefined
      }),
    )
}

const names: Readonly<Record<keyof VerifyResult, string>> = {
  checked: 'checked',
  missing: 'missing',
  stale: 'stale',
  orphaned: 'orphaned',
  repaired: 'repaired',
  pending: 'pending',
  damaged: 'damaged',
  orphanedElsewhere: "orphaned in other models' spaces",
}

/** What is wrong; what is pending comes right by itself. */
function driftOf({ missing, stale, orphaned, damaged = 0, orphanedElsewhere = 0 }: VerifyResult): number {
  return missing + stale + orphaned + damaged + orphanedElsewhere
}
