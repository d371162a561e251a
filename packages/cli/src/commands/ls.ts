import type { Document, Namespace, Page, Store } from '@tandemstore/core'
import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { formatNamespace } from '../namespace-path.js'
import { type Filter, filterOption, namespace, wholeNumber } from '../options.js'
import { time } from '../output/format.js'
import type { Output } from '../output/output.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'

interface ListFlags extends StoreFlags {
  readonly recursive?: boolean
  readonly filter?: Filter
  readonly limit: number
  readonly cursor?: string
}

const MAX_PAGE = 1000

/** `tandem ls`. */
export function listCommand(): Command {
  return storeCommand('ls', 'The namespaces and documents directly under a prefix.')
    .argument('[prefix]', 'default: everything', namespace, [])
    .option('-r, --recursive', 'all documents under the prefix')
    .addOption(filterOption())
    .option('--limit <number>', 'namespaces, and documents, at most', wholeNumber(1), 100)
    .option('--cursor <text>', 'of -r: where the list before this one ended')
    .action(
      action<ListFlags, [string[]]>(async ({ flags, out, signal }, prefix) => {
        await using opened = await openStore(await findPlace(flags), { flags, index: 'none' })
        const { store } = opened
        const { limit, filter } = flags
        if (flags.recursive) {
          const { items, cursor } = await gather(
            (page) => store.list(prefix, { ...page, filter, signal }),
            limit,
            flags.cursor,
          )
          show(out, prefix, { documents: items, cursor })
        } else {
          const namespaces = await childrenOf(store, prefix, limit, signal)
          const documents = await documentsIn(store, prefix, { limit, filter, signal })
          show(out, prefix, { namespaces, documents })
        }
        return undefined
      }),
    )
}

interface Listed {
  readonly namespaces?: Gathered<Namespace>
  readonly documents: readonly Document[] | Gathered<Document>
  readonly cursor?: string | undefined
}

interface Gathered<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string | undefined
}

async function gather<Item>(
  read: (page: { readonly limit: number; readonly cursor?: string | undefined }) => Promise<Page<Item>>,
  limit: number,
  from?: string,
): Promise<Gathered<Item>> {
  const items: Item[] = []
  let cursor = from
  do {
    const page = await read({ limit: Math.min(MAX_PAGE, limit - items.length), cursor })
    items.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined && items.length < limit)
  return { items, cursor }
}

async function childrenOf(store: Store, prefix: Namespace, limit: number, signal: AbortSignal) {
  const maxDepth = prefix.length + 1
  // A namespace is under itself, too.
  const { items, cursor } = await gather((page) => store.namespaces({ ...page, prefix, maxDepth, signal }), limit + 1)
  const children = items.filter((each) => each.length > prefix.length)
  return { items: children.slice(0, limit), cursor: children.length > limit ? 'more' : cursor }
}

/** The documents of a namespace itself come before those of the namespaces in it. */
async function documentsIn(
  store: Store,
  prefix: Namespace,
  {
    limit,
    filter,
    signal,
  }: { readonly limit: number; readonly filter: Filter | undefined; readonly signal: AbortSignal },
): Promise<Gathered<Document>> {
  if (prefix.length === 0) return { items: [] }
  const items: Document[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(prefix, { limit: Math.min(MAX_PAGE, limit - items.length), cursor, filter, signal })
    const own = page.items.filter((document) => document.namespace.length === prefix.length)
    items.push(...own)
    if (own.length < page.items.length) return { items }
    cursor = page.cursor
  } while (cursor !== undefined && items.length < limit)
  return { items, cursor }
}

function show(out: Output, prefix: Namespace, { namespaces, documents, cursor }: Listed): void {
  const { items: found, cursor: rest } = 'items' in documents ? documents : { items: documents, cursor }
  if (out.json) {
    out.value({
      prefix,
      ...(namespaces === undefined ? { cursor } : { namespaces: namespaces.items }),
      documents: found.map(({ value: _, ...document }) => document),
      more: namespaces?.cursor !== undefined || rest !== undefined,
    })
    return
  }
  const isFlat = namespaces !== undefined
  const rows = [
    ...(namespaces?.items ?? []).map((each) => [`${formatNamespace(each)}/`, '', '']),
    ...found.map(({ namespace: of, key, updatedAt, expiresAt }) => [
      isFlat ? key : `${formatNamespace(of)} ${key}`,
      time(updatedAt),
      time(expiresAt),
    ]),
  ]
  if (rows.length === 0) out.note('Nothing there.')
  else out.table(['name', 'updated', 'expires'], rows)
  if (cursor !== undefined) out.note(`There is more: --limit, or --cursor ${cursor}`)
  else if (namespaces?.cursor !== undefined || rest !== undefined) out.note('There is more: --limit.')
}
