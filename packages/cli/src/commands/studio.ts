import { once } from 'node:events'
import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { wholeNumber } from '../options.js'
import { findPlace } from '../source/find-place.js'
import { serveStudio } from '../studio/serve.js'
import { openStudio } from '../studio/studio.js'

interface StudioFlags extends StoreFlags {
  readonly port: number
  readonly write?: boolean
}

/** `tandem studio`. */
export function studioCommand(): Command {
  return storeCommand('studio', 'A local page to look at a store, until Ctrl-C.')
    .option('--port <number>', 'of 127.0.0.1; 0 takes a free one', wholeNumber(0), 0)
    .option('--write', 'let the page change things: delete a document, try again what failed')
    .action(
      action<StudioFlags, []>(async ({ flags, out, signal }) => {
        await using studio = await openStudio(await findPlace(flags), { flags, writable: flags.write ?? false })
        const onError = (error: unknown): void => out.note(error instanceof Error ? String(error.stack) : String(error))
        await using served = await serveStudio(studio, { port: flags.port, onError })
        if (out.json) out.value({ url: served.url })
        else {
          out.line(served.url)
          out.note(
            `${flags.write ? 'The page can change the store' : 'Read-only; --write lets it change things'}. Ctrl-C ends.`,
          )
        }
        if (!signal.aborted) await once(signal, 'abort')
        return undefined
      }),
    )
}
