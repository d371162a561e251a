import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { action, type Run, type StoreFlags, storeCommand } from '../command.js'
import { exitCodes, wrongUsage } from '../exit-codes.js'
import { namespace } from '../options.js'
import { plural } from '../output/format.js'
import { startProgress } from '../output/progress.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'
import type { Place } from '../source/place.js'
import { rowPages, withCollection } from '../source/rows.js'
import { type ExportCounts, exportLines } from '../transfer/export-lines.js'
import { headerLine } from '../transfer/format.js'

interface ExportFlags extends StoreFlags {
  readonly vectors?: boolean
  readonly output?: string
}

/** `tandem export`. */
export function exportCommand(): Command {
  return storeCommand('export', 'Documents as lines of JSON, to standard output or a file.')
    .argument('[prefix]', 'default: everything', namespace, [])
    .option('--vectors', 'with their vectors, so that nothing has to be embedded again')
    .option('-o, --output <file>', 'a new file, which is there when it is whole')
    .action(action<ExportFlags, [string[]]>(exportDocuments))
}

async function exportDocuments(
  { flags, out, signal }: Run<ExportFlags>,
  prefix: string[],
): Promise<number | undefined> {
  // It may be the store itself.
  if (flags.output !== undefined && existsSync(flags.output))
    throw wrongUsage(`${flags.output} exists already: give another file`)
  const place = await findPlace(flags)
  await using opened = flags.vectors ? await openStore(place, { flags, index: 'model' }) : undefined
  if (opened !== undefined && opened.space === undefined)
    throw wrongUsage(`${place.name} keeps words alone, and no vectors`)
  const counts: ExportCounts = { documents: 0, vectors: 0, withoutVector: 0, damaged: 0 }
  const { collection } = place
  const header = headerLine({ collection, prefix, exportedAt: new Date().toISOString(), space: opened?.space })
  await withCollection(place, async (kv) => {
    // Only where somebody is watching: it reads everything once more.
    const total = out.isWatched ? await countRows(place, prefix, signal) : undefined
    const progress = startProgress('Exporting')
    const lines = exportLines(kv, { prefix, store: opened?.store, counts, signal })
    async function* told(): AsyncGenerator<string> {
      yield header
      for await (const text of lines) {
        yield text
        progress.update(counts.documents, total && Math.min(1, counts.documents / total))
      }
    }
    try {
      await write(Readable.from(told()), flags.output)
    } finally {
      progress.end()
    }
  })
  const vectors = opened === undefined ? '' : ` with ${plural(counts.vectors, 'vector')}`
  out.note(`Exported ${plural(counts.documents, 'document')}${vectors}.`)
  if (counts.withoutVector > 0)
    out.note(`${plural(counts.withoutVector, 'text')} had no vector: importing embeds them (tandem verify says more).`)
  if (counts.damaged > 0)
    out.note(`${plural(counts.damaged, 'document')} left out, as their stored values are damaged (tandem verify).`)
  return counts.damaged > 0 ? exitCodes.error : undefined
}

async function countRows(place: Place, prefix: readonly string[], signal: AbortSignal): Promise<number> {
  return withCollection(place, async (kv) => {
    let rows = 0
    for await (const page of rowPages(kv, prefix, 1000, signal)) rows += page.length
    return rows
  })
}

async function write(lines: Readable, file: string | undefined): Promise<void> {
  if (file === undefined) {
    await pipeline(lines, process.stdout, { end: false })
    return
  }
  const partial = `${file}.part`
  try {
    await pipeline(lines, createWriteStream(partial, { mode: 0o600 }))
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
