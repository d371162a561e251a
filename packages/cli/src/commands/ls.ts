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
          const read = (page: PageOptions) => store.list(prefix, { ...page, filter, signal })
          const { items: documents, cursor } = await gather(read, limit, flags.cursor)
          show(out, prefix, { documents, cursor, more: cursor !== undefined })
        } else {
          const children = await childrenOf(store, prefix, limit, signal)
          const own = await documentsIn(store, prefix, { limit, filter, signal })
          show(out, prefix, { namespaces: children.items, documents: own.items, more: children.more || own.more })
        }
        return undefined
      }),
    )
}

interface Listed {
  /** Absent where documents are listed with their namespaces. */
  readonly namespaces?: readonly Namespace[]
  readonly documents: readonly Document[]
  readonly cursor?: string | undefined
  readonly more: boolean
}

interface PageOptions {
  readonly limit: number
  readonly cursor?: string | undefined
}

async function gather<Item>(
  read: (page: PageOptions) => Promise<Page<Item>>,
  limit: number,
  from?: string,
): Promise<{ readonly items: readonly Item[]; readonly cursor?: string | undefined }> {
  const items: Item[] = []
  let cursor = from
  do {
    const page = await read({ limit: Math.min(MAX_PAGE, limit - items.length), cursor })
    items.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined && items.length < limit)
  return { items, cursor }
}

interface Part<Item> {
  readonly items: readonly Item[]
  readonly more: boolean
}

async function childrenOf(
  store: Store,
  prefix: Namespace,
  limit: number,
  signal: AbortSignal,
): Promise<Part<Namespace>> {
  const maxDepth = prefix.length + 1
  const read = (page: PageOptions) => store.namespaces({ ...page, prefix, maxDepth, signal })
  // A namespace is under itself, too.
  const { items, cursor } = await gather(read, limit + 1)
  const children = items.filter((each) => each.length > prefix.length)
  return { items: children.slice(0, limit), more: children.length > limit || cursor !== undefined }
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
): Promise<Part<Document>> {
  if (prefix.length === 0) return { items: [], more: false }
  const items: Document[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(prefix, { limit: Math.min(MAX_PAGE, limit - items.length), cursor, filter, signal })
    const own = page.items.filter((document) => document.namespace.length === prefix.length)
    items.push(...own)
    if (own.length < page.items.length) return { items, more: false }
    cursor = page.cursor
  } while (cursor !== undefined && items.length < limit)
  return { items, more: cursor !== undefined }
}

function show(out: Output, prefix: Namespace, { namespaces, documents, cursor, more }: Listed): void {
  if (out.json) {
    const found = documents.map(({ value: _, ...document }) => document)
    out.value({ prefix, namespaces, documents: found, cursor, more })
    return
  }
  const rows = [
    ...(namespaces ?? []).map((each) => [`${formatNamespace(each)}/`, '', '']),
    ...documents.map(({ namespace: of, key, updatedAt, expiresAt }) => [
      namespaces === undefined ? `${formatNamespace(of)} ${key}` : key,
      time(updatedAt),
      time(expiresAt),
    ]),
  ]
  if (rows.length === 0) out.note('Nothing there.')
  else out.table(['name', 'updated', 'expires'], rows)
  if (more) out.note(`There is more: --limit${cursor === undefined ? '' : `, or --cursor ${cursor}`}`)
}
