import type { SearchMode } from '@tandemstore/core'
import { type Command, Option } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { wrongUsage } from '../exit-codes.js'
import { formatNamespace } from '../namespace-path.js'
import { type Filter, filterOption, namespace, wholeNumber } from '../options.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'

interface SearchFlags extends StoreFlags {
  readonly filter?: Filter
  readonly limit: number
  readonly mode?: SearchMode
  readonly minScore?: number
}

const modes: readonly SearchMode[] = ['hybrid', 'vector', 'keyword']

/** `tandem search`. */
export function searchCommand(): Command {
  return storeCommand('search', 'The documents that match a query by meaning and by words, best first.')
    .argument('<query>')
    .argument('[prefix]', 'default: everything', namespace, [])
    .addOption(new Option('--mode <name>', 'default: hybrid where the collection has words and vectors').choices(modes))
    .addOption(filterOption())
    .option('--limit <number>', 'hits at most', wholeNumber(1), 10)
    .option('--min-score <number>', 'only hits with this score or better', Number)
    .action(
      action<SearchFlags, [string, string[]]>(async ({ flags, out, signal }, query, prefix) => {
        const { filter, limit, minScore, mode } = flags
        // Words need no embedder.
        const index = mode === 'keyword' ? 'space' : 'model'
        const place = await findPlace(flags)
        await using opened = await openStore(place, { flags, index })
        const lacksWords = opened.store.capabilities.modes.every((each) => each === 'vector')
        if (mode !== undefined && mode !== 'vector' && lacksWords)
          throw wrongUsage(`${place.name} is not searched by words: tandem verify --repair --keywords gives it some`)
        const hits = await opened.store.search(prefix, { query, mode, filter, limit, minScore, signal })
        if (out.json) out.value(hits)
        else if (hits.length === 0) out.note('Nothing found.')
        else {
          out.table(
            ['score', 'namespace', 'key', 'matched', 'text'],
            hits.map(({ score, document, matched: { field, part, text } }) => [
              score.toFixed(3),
              formatNamespace(document.namespace),
              document.key,
              part === 0 ? field : `${field} #${part}`,
              // The whole value where the document has changed since.
              text ?? JSON.stringify(document.value),
            ]),
          )
          if (hits[0]?.degraded !== undefined)
            out.note('The query could not be embedded: these were found by words alone.')
        }
        return undefined
      }),
    )
}
