import { type DocumentRef, StoreError, type WriteCondition, type WriteOutcome } from '@tandemstore/core/adapter'
import type { WriteIf } from './conditional.js'
import type { Envelope } from './envelope.js'
import { isNotWritten } from './errors.js'
import { groupByPartition } from './group-by-partition.js'
import { failed } from './outcomes.js'
import { mapWindow } from './rolling-window.js'
import type { Session, Statement } from './session.js'

/** Requests of one call in flight. */
const WINDOW = 64
/** Documents of one partition that share a batch, which a replica applies as one mutation. */
const BATCH = { items: 32, bytes: 256 * 1024 }

/** A put or a deletion of one document. */
export interface Write {
  readonly ref: DocumentRef
  /** `refId` of it. */
  readonly id: string
  readonly envelope: Envelope
  readonly condition: WriteCondition | undefined
  /** The write without its condition, and what shares its request. */
  statements(): readonly Statement[]
}

interface IndexedWrite extends Write {
  /** Of its outcome. */
  readonly index: number
}

export interface WriteOptions {
  /** Completes "could not …" in an error. */
  readonly what: string
  readonly signal: AbortSignal | undefined
}

/**
 * Sends writes, those of one partition together. A failure is the outcome of its write alone; only an abort is
 * thrown.
 */
export function makeWrites(
  session: Session,
  writeIf: WriteIf,
  partitionOf: (ref: DocumentRef) => string,
): (writes: readonly Write[], options: WriteOptions) => Promise<WriteOutcome[]> {
  const writeAlone = ({ ref, envelope, condition, statements }: Write, options: WriteOptions): Promise<WriteOutcome> =>
    settled(async () => {
      if (condition !== undefined) return writeIf(ref, envelope, condition, options.signal)
      await session.writePartition(statements(), options)
      return { status: 'written' }
    })

  const writeTogether = async (writes: readonly Write[], options: WriteOptions): Promise<WriteOutcome[]> => {
    const together = await settled(async () => {
      await session.writePartition(
        writes.flatMap((write) => write.statements()),
        options,
      )
      return { status: 'written' }
    })
    if (together.status !== 'failed' || isOfAll(together.error)) return writes.map(() => together)
    // One of them may be the reason. Writing the others again is safe, as a version counts once.
    const outcomes: WriteOutcome[] = []
    for (const write of writes) outcomes.push(sinceFailure(await writeAlone(write, options), together))
    return outcomes
  }

  return async (writes, options) => {
    const outcomes = new Array<WriteOutcome>(writes.length)
    const { free, ordered } = divide(writes)
    const groups = groupByPartition(
      free,
      ({ ref }) => partitionOf(ref),
      BATCH,
      ({ envelope }) => envelope.row?.value.length ?? 0,
    )
    const runs = [
      ...groups.map((group) => async () => {
        const [first] = group
        const own =
          first !== undefined && group.length === 1
            ? [await writeAlone(first, options)]
            : await writeTogether(group, options)
        for (const [i, { index }] of group.entries()) outcomes[index] = own[i] as WriteOutcome
      }),
      ...ordered.map((group) => async () => {
        for (const write of group) outcomes[write.index] = await writeAlone(write, options)
      }),
    ]
    await mapWindow(runs, WINDOW, (run) => run())
    return outcomes
  }
}

/**
 * Plain writes go in any order, as versions decide. Writes of a document with a conditional one among them keep their
 * order.
 */
function divide(writes: readonly Write[]): { free: IndexedWrite[]; ordered: IndexedWrite[][] } {
  const ordered = new Map<string, IndexedWrite[]>()
  for (const { id, condition } of writes) if (condition !== undefined) ordered.set(id, [])
  const free: IndexedWrite[] = []
  for (const [index, write] of writes.entries()) (ordered.get(write.id) ?? free).push({ ...write, index })
  return { free, ordered: [...ordered.values()] }
}

/** Whether an error says nothing of single documents. Where a replica failed, one of them may be why. */
function isOfAll(error: unknown): boolean {
  if (!StoreError.isInstance(error) || error.code === 'CLOSED') return true
  return error.retryable && error.code !== 'KV_FAILED'
}

/** A retry is certain not to be written only if the first attempt was, too. */
function sinceFailure(outcome: WriteOutcome, before: WriteOutcome): WriteOutcome {
  if (outcome.status !== 'failed' || before.status !== 'failed' || before.notWritten) return outcome
  return { status: 'failed', error: outcome.error }
}

async function settled(write: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
  try {
    return await write()
  } catch (error) {
    return failed(error, isNotWritten(error))
  }
}
