import {
  type DocumentRef,
  type DocumentRow,
  encodeNamespace,
  type Intent,
  type KVCollection,
  type Namespace,
  refId,
  type WriteOutcome,
} from '@tandemstore/core/adapter'
import { type CellStore, newest } from './cells.js'
import type { WriteIf } from './conditional.js'
import { groupByPartition } from './group-by-partition.js'
import type { CoLocatedWrite, Intents } from './intents.js'
import { failed } from './outcomes.js'
import type { Registry } from './registry.js'
import { mapWindow } from './rolling-window.js'
import type { Session, Statement } from './session.js'
import { makeWrites, type Write, type WriteOptions } from './writes.js'

/** Requests of one call in flight. */
const WINDOW = 64
/** Documents of one partition that share a read. */
const BATCH = { items: 32 }

/** A write, and the intents that have to be durable no later than it. */
type WriteWithIntents = Omit<Write, 'statements'> & {
  readonly intents: readonly Intent[] | undefined
  statement(): Statement
}

/** Reads and writes of documents by their names. */
export function makeDocuments(
  session: Session,
  {
    cells,
    writeIf,
    registry,
    intents,
  }: {
    readonly cells: CellStore
    readonly writeIf: WriteIf
    readonly registry: Registry
    readonly intents: Pick<Intents, 'addIntents' | 'coLocate'>
  },
): Pick<KVCollection, 'get' | 'put' | 'delete' | 'touch'> {
  const partitionOf = (ref: DocumentRef): string => {
    const [namespace, bucket] = cells.primaryKey(ref)
    return `${bucket} ${namespace}`
  }
  const write = makeWrites(session, writeIf, partitionOf)

  /** Co-locates the intents of writes to one partition. Those of others are added before, which takes few requests. */
  const writeAll = async (writes: readonly WriteWithIntents[], options: WriteOptions): Promise<WriteOutcome[]> => {
    const intentsOfAll = writes.flatMap((each) => each.intents ?? [])
    const [first] = writes
    const mayCoLocate =
      first !== undefined &&
      intentsOfAll.length > 0 &&
      writes.every(({ ref, condition }) => condition === undefined && partitionOf(ref) === partitionOf(first.ref))
    let coLocated: CoLocatedWrite | undefined
    try {
      if (mayCoLocate) coLocated = await intents.coLocate(intentsOfAll, options)
      if (coLocated === undefined && intentsOfAll.length > 0) await intents.addIntents(intentsOfAll, options)
    } catch (error) {
      return writes.map(() => failed(error, true))
    }
    const left = [...(coLocated?.statements ?? [])]
    const withIntents = writes.map(({ intents: own = [], statement, ...each }) => {
      const ofOwn = left.splice(0, own.length)
      return { ...each, statements: () => [statement(), ...ofOwn] }
    })
    let unknown = intentsOfAll
    try {
      const outcomes = await write(withIntents, options)
      unknown = writes.flatMap(({ intents: own = [] }, i) => {
        const outcome = outcomes[i]
        return outcome?.status === 'failed' && outcome.notWritten !== true ? own : []
      })
      return outcomes
    } finally {
      await coLocated?.end(unknown)
    }
  }

  const get = async (refs: readonly DocumentRef[], signal: AbortSignal | undefined) => {
    const options = { what: 'read a document', signal }
    const rows = new Array<DocumentRow | undefined>(refs.length)
    const groups = groupByPartition(refs.entries(), ([, ref]) => partitionOf(ref), BATCH)
    await mapWindow(groups, WINDOW, async (group) => {
      const [[, first]] = group as [[number, DocumentRef]]
      const found =
        group.length === 1
          ? [await cells.read(first, options)]
          : await cells.readPartition(
              group.map(([, ref]) => ref),
              options,
            )
      for (const [i, [index, ref]] of group.entries()) {
        const { claim, ...rest } = found[i] ?? {}
        // Every reader settles a claim, as its writer may have crashed.
        const settled = claim === undefined ? rest : await cells.settle(ref, claim.envelope, options)
        rows[index] = newest(settled)?.row
      }
    })
    return rows
  }

  return {
    get: (refs, { signal } = {}) => get(refs, signal),
    async put(writes, { signal } = {}) {
      const unregistered = await registerAll(
        registry,
        writes.map(({ row }) => row.namespace),
        signal,
      )
      const outcomes = writes.map(({ row }) => unregistered.get(encodeNamespace(row.namespace)))
      const indices = outcomes.flatMap((outcome, index) => (outcome === undefined ? [index] : []))
      const registered = indices.map((index) => {
        const { row, condition, intents: own } = writes[index] as (typeof writes)[number]
        const envelope = { version: row.version, row }
        return { ref: row, id: refId(row), envelope, condition, intents: own, statement: () => cells.put(row) }
      })
      const written = await writeAll(registered, { what: 'write a document', signal })
      for (const [i, index] of indices.entries()) outcomes[index] = written[i]
      return outcomes as WriteOutcome[]
    },
    delete: (deletes, { signal } = {}) =>
      writeAll(
        deletes.map(({ version, condition, intents: own, ...ref }) => {
          const statement = () => cells.remove(ref, version)
          return { ref, id: refId(ref), envelope: { version }, condition, intents: own, statement }
        }),
        { what: 'delete a document', signal },
      ),
    touch: (touches, { signal } = {}) =>
      mapWindow(touches, WINDOW, async ({ version, expiresAt, ...ref }) => {
        const [row] = await get([ref], signal)
        if (row?.version !== version) return undefined
        if (row.expiresAt === undefined || row.expiresAt >= expiresAt) return row
        // At the document's own version: of two cells with one timestamp, the database keeps the one that expires
        // later.
        await session.writePartition([cells.put({ ...row, expiresAt })], { what: 'move an expiry', signal })
        const [now] = await get([ref], signal)
        return now?.version === version ? now : undefined
      }),
  }
}

/** Registers namespaces. Gives the failures by encoded namespace; no document of those was sent. */
async function registerAll(
  registry: Registry,
  namespaces: readonly Namespace[],
  signal: AbortSignal | undefined,
): Promise<Map<string, WriteOutcome>> {
  const distinct = new Map(namespaces.map((namespace) => [encodeNamespace(namespace), namespace]))
  const failures = new Map<string, WriteOutcome>()
  await mapWindow([...distinct], WINDOW, async ([encoded, namespace]) => {
    try {
      await registry.register(namespace, signal)
    } catch (error) {
      failures.set(encoded, failed(error, true))
    }
  })
  return failures
}
