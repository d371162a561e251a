import { compareText, encodeNamespace, type Namespace, type Version, versionMicros } from '@tandemstore/core/adapter'
import { FIRST_DOCUMENT_KEY } from './co-located-intents.js'
import { untilAborted } from './errors.js'
import { hashText } from './hash.js'
import { type Merged, mergeSorted } from './merge.js'
import type { Layout } from './records.js'
import { mapWindow } from './rolling-window.js'
import type { Session, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'
import type { Tables } from './tables.js'
import { DELETION_MEMORY } from './tombstone-gc.js'

/**
 * Partitions of the registry. Ten million namespaces are 300,000 rows of about 50 bytes in each. Part of the stored
 * format.
 */
const SHARDS = 32
/** Namespaces that a process remembers as registered. */
const REMEMBERED = 100_000
const WINDOW = 64

/** Which namespaces there are. Rows are never deleted, as a writer could be about to rely on one. */
export interface Registry {
  /** Makes sure that a namespace is listed. To be awaited before a document is written into it. */
  register(namespace: Namespace, signal: AbortSignal | undefined): Promise<void>
  /** The namespaces under a prefix in order, from `from` on (inclusive, encoded). Empty ones are among them. */
  under(prefix: Namespace, from: string, pageSize: number, signal: AbortSignal | undefined): Merged<string, string>
  deletePrefix(prefix: Namespace, version: Version, signal: AbortSignal | undefined): Promise<void>
}

/** The first text after every namespace of this prefix, which is not empty. */
export function endOf(prefix: Namespace): string {
  return `${encodeNamespace(prefix).slice(0, -1)}\u0001`
}

/** The first text after this one in the order of UTF-8 bytes. */
export function behind(text: string): string {
  return `${text}\0`
}

export function makeRegistry(session: Session, tables: Tables, { buckets }: Layout, stamp: Stamp): Registry {
  const known = new Set<string>()
  const underway = new Map<string, Promise<void>>()
  const statements = {
    look: `SELECT checked FROM ${tables.namespaces} WHERE shard = ? AND namespace = ?`,
    add: `INSERT INTO ${tables.namespaces} (shard, namespace) VALUES (?, ?) USING TIMESTAMP ?`,
    check: `UPDATE ${tables.namespaces} USING TIMESTAMP ? SET checked = true WHERE shard = ? AND namespace = ?`,
    from: `SELECT namespace FROM ${tables.namespaces} WHERE shard = ? AND namespace >= ? LIMIT ?`,
    range: `SELECT namespace FROM ${tables.namespaces} WHERE shard = ? AND namespace >= ? AND namespace < ? LIMIT ?`,
    deletion: `SELECT version FROM ${tables.deletions} WHERE prefix = ?`,
    deleted: `INSERT INTO ${tables.deletions} (prefix, version) VALUES (?, ?) USING TIMESTAMP ? AND TTL ?`,
    // Not the whole partition: its intents are still needed to find the points of deleted documents.
    clear: `DELETE FROM ${tables.documents} USING TIMESTAMP ? WHERE namespace = ? AND bucket = ? AND "key" >= ?`,
  }

  /** One range deletion for each bucket. It also covers older writes that arrive later. */
  const clear = async (encoded: string, version: Version, options: StatementOptions): Promise<void> => {
    const all = Array.from({ length: buckets }, (_, bucket) => bucket)
    await mapWindow(all, WINDOW, (bucket) =>
      session.write(statements.clear, [String(versionMicros(version)), encoded, bucket, FIRST_DOCUMENT_KEY], options),
    )
  }

  /**
   * A prefix deletion must also cover an older put that is in flight to a new namespace. Deleting a prefix writes the
   * deletion, then reads the registry; registering writes the registry, then reads deletions. One sees the other.
   */
  const addNew = async (namespace: Namespace, encoded: string): Promise<void> => {
    const options = { what: 'register a namespace' }
    const shard = hashText(encoded) % SHARDS
    const [row] = await session.read(statements.look, [shard, encoded], options)
    if (row?.checked === true) return
    await session.write(statements.add, [shard, encoded, stamp()], options)
    const prefixes = namespace.map((_, i) => encodeNamespace(namespace.slice(0, i + 1)))
    const found = await Promise.all(prefixes.map((prefix) => session.read(statements.deletion, [prefix], options)))
    const latest = found
      .flatMap((rows) => rows.map(({ version }) => String(version)))
      .sort()
      .at(-1)
    if (latest !== undefined) await clear(encoded, latest, options)
    await session.write(statements.check, [stamp(), shard, encoded], options)
  }

  const under: Registry['under'] = (prefix, from, pageSize, signal) => {
    const options = { what: 'list namespaces', signal }
    const end = prefix.length === 0 ? undefined : endOf(prefix)
    return mergeSorted<string, string>({
      sources: SHARDS,
      from,
      fetch: async (shard, start) => {
        const page =
          end === undefined
            ? await session.page(statements.from, [shard, start], pageSize, options)
            : await session.page(statements.range, [shard, start, end], pageSize, options)
        return { items: page.items.map((row) => String(row.namespace)), end: page.end }
      },
      positionOf: (encoded) => encoded,
      compare: compareText,
      behind,
    })
  }

  return {
    under,
    async register(namespace, signal) {
      const encoded = encodeNamespace(namespace)
      if (known.has(encoded)) return
      // Every writer of the namespace waits for it, so no single caller's signal ends it.
      let adding = underway.get(encoded)
      if (adding === undefined) {
        adding = addNew(namespace, encoded).finally(() => underway.delete(encoded))
        underway.set(encoded, adding)
      }
      await untilAborted(adding, signal)
      if (known.size >= REMEMBERED) known.clear()
      known.add(encoded)
    },
    async deletePrefix(prefix, version, signal) {
      const options = { what: 'delete a prefix', signal }
      const micros = String(versionMicros(version))
      await session.write(statements.deleted, [encodeNamespace(prefix), version, micros, DELETION_MEMORY], options)
      const found = under(prefix, encodeNamespace(prefix), 500, signal)
      for (;;) {
        const some: string[] = []
        for (let next = await found.next(); next !== undefined; next = await found.next()) {
          some.push(next)
          if (some.length === 256) break
        }
        if (some.length === 0) return
        await mapWindow(some, Math.max(1, Math.floor(WINDOW / buckets)), (encoded) => clear(encoded, version, options))
      }
    },
  }
}
