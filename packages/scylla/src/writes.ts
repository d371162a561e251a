import { type DocumentRef, StoreError, type WriteCondition, type WriteOutcome } from '@tandemstore/core/adapter'
import type { WriteIf } from './conditional.js'
import type { Envelope } from './envelope.js'
import { isNotWritten } from './errors.js'
import { groupByPartition } from './group-by-partition.js'
import { failed } from './outcomes.js'
import { mapWindow } from './rolling-window.js'
import type { Session, Statement } from './session.js'

/** Requests of one call that are under way at a time. */
const WINDOW = 64
/** Documents of one partition that are written together: one change of the partition, which a replica takes as a whole. */
const TOGETHER = { items: 32, bytes: 256 * 1024 }

/** A put or a deletion of one document. */
export interface Write {
  readonly ref: DocumentRef
  /** `refId` of it. */
  readonly id: string
  readonly envelope: Envelope
  readonly condition: WriteCondition | undefined
  /** What it is where there is no condition, and what goes with it into the same partition. */
  statements(): readonly Statement[]
}

interface PlacedWrite extends Write {
  readonly place: number
}

export interface WriteOptions {
  /** Completes "could not …" in an error. */
  readonly what: string
  readonly signal: AbortSignal | undefined
}

/** Sends writes, those of one partition together. A failure is the outcome of its write alone; only an abort is thrown. */
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
    // One of them may be to blame for it, and the others can be written: the same version twice is once.
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
      TOGETHER,
      ({ envelope }) => envelope.row?.value.length ?? 0,
    )
    const runs = [
      ...groups.map((group) => async () => {
        const [first] = group
        const own =
          first !== undefined && group.length === 1
            ? [await writeAlone(first, options)]
            : await writeTogether(group, options)
        for (const [i, { place }] of group.entries()) outcomes[place] = own[i] as WriteOutcome
      }),
      ...ordered.map((group) => async () => {
        for (const write of group) outcomes[write.place] = await writeAlone(write, options)
      }),
    ]
    await mapWindow(runs, WINDOW, (run) => run())
    return outcomes
  }
}

/** Plain writes go in any order, as versions decide. Where one on the same document is conditional, their order counts. */
function divide(writes: readonly Write[]): { free: PlacedWrite[]; ordered: PlacedWrite[][] } {
  const ordered = new Map<string, PlacedWrite[]>()
  for (const { id, condition } of writes) if (condition !== undefined) ordered.set(id, [])
  const free: PlacedWrite[] = []
  for (const [place, write] of writes.entries()) (ordered.get(write.id) ?? free).push({ ...write, place })
  return { free, ordered: [...ordered.values()] }
}

/** Whether an error says nothing of single documents. Where a replica failed, one of them may be why. */
function isOfAll(error: unknown): boolean {
  if (!StoreError.isInstance(error) || error.code === 'CLOSED') return true
  return error.retryable && error.code !== 'KV_FAILED'
}

/** What was sent before is not written only if it was not then either. */
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
