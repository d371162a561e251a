import type { DocumentPart, ScoredHit } from '@tandemstore/core'
import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { formatNamespace } from '../namespace-path.js'
import { type Filter, filterOption, namespace, wholeNumber } from '../options.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'

interface SearchFlags extends StoreFlags {
  readonly filter?: Filter
  readonly limit: number
  readonly minScore?: number
}

/** `tandem search`. */
export function searchCommand(): Command {
  return storeCommand('search', 'The documents nearest to a query, best first.')
    .argument('<query>')
    .argument('[prefix]', 'default: everything', namespace, [])
    .addOption(filterOption())
    .option('--limit <number>', 'hits at most', wholeNumber(1), 10)
    .option('--min-score <number>', 'only hits with this score or better', Number)
    .action(
      action<SearchFlags, [string, string[]]>(async ({ flags, out, signal }, query, prefix) => {
        await using opened = await openStore(await findPlace(flags), { flags, index: 'model' })
        const { filter, limit, minScore } = flags
        const hits = await opened.store.search(prefix, { query, filter, limit, minScore, signal })
        if (out.json) out.value(hits)
        else if (hits.length === 0) out.note('Nothing found.')
        else {
          const parts = await opened.store.parts(
            hits.map(({ document: { namespace: of, key } }) => ({ namespace: of, key })),
            { signal },
          )
          out.table(
            ['score', 'namespace', 'key', 'matched', 'text'],
            hits.map((hit, i) => [
              hit.score.toFixed(3),
              formatNamespace(hit.document.namespace),
              hit.document.key,
              hit.matched.part === 0 ? hit.matched.field : `${hit.matched.field} #${hit.matched.part}`,
              matchedText(hit, parts[i] ?? []),
            ]),
          )
        }
        return undefined
      }),
    )
}

/** The text that matched; the whole value where the document has changed since. */
function matchedText({ document, matched }: ScoredHit, parts: readonly DocumentPart[]): string {
  const part = parts.find(({ field, part: number }) => field === matched.field && number === matched.part)
  return part?.text ?? JSON.stringify(document.value)
}
