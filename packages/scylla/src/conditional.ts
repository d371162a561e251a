import {
  type DocumentRef,
  StoreError,
  versionMicros,
  type WriteCondition,
  type WriteOutcome,
} from '@tandemstore/core/adapter'
import { type CellStore, type Cells, cellsOf, newest } from './cells.js'
import { type Envelope, encodeEnvelope } from './envelope.js'
import { isNotWritten } from './errors.js'
import { failed } from './outcomes.js'
import type { Session } from './session.js'
import type { Tables } from './tables.js'

/** How often the cells may change under a conditional write before it gives up. */
const MAX_ROUNDS = 16

export type WriteIf = (
  ref: DocumentRef,
  next: Envelope,
  condition: WriteCondition,
  signal: AbortSignal | undefined,
) => Promise<WriteOutcome>

/**
 * Conditional writes. An LWT writes the claim if both cells are still as they were read; this decides. Then the claim
 * is settled into the document cell. A reader that meets a claim, also after a crash, sees the write as done and
 * settles it.
 */
export function makeConditional(session: Session, { documents }: Tables, cells: CellStore): WriteIf {
  const claim =
    `UPDATE ${documents} SET claim = ? WHERE namespace = ? AND bucket = ? AND "key" = ? ` +
    'IF document = ? AND claim = ?'

  /** The claim is written: whatever fails from here on, a reader may find the write done. */
  const settle = async (ref: DocumentRef, next: Envelope, signal: AbortSignal | undefined): Promise<WriteOutcome> => {
    let document: Cells['document']
    try {
      document = (await cells.settle(ref, next, { what: 'settle a conditional write', signal })).document
    } catch (error) {
      return failed(error, false)
    }
    const { version, row } = next
    if (row === undefined) return { status: 'written' }
    if (document !== undefined && document.envelope.version >= version) return { status: 'written' }
    if (row.expiresAt !== undefined && row.expiresAt <= Date.now()) return { status: 'written' }
    // A deletion of a higher version hides it: a later one, or one by a writer whose clock is ahead.
    return { status: 'conflict', version: document?.envelope.version }
  }

  return async (ref, next, condition, signal) => {
    const options = { what: 'write conditionally', signal }
    const text = encodeEnvelope(next)
    // Most often there is no row, and the LWT tells without a read.
    let seen: Cells = condition.kind === 'absent' ? {} : await cells.read(ref, options)
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const current = newest(seen)
      if (current?.version === next.version) return settle(ref, next, signal)
      if (!holds(condition, current)) return { status: 'conflict', version: current?.row?.version }
      // The claim would be decided and not count, as the higher version does. The caller's clock moves past this
      // version.
      if (current !== undefined && versionMicros(next.version) <= versionMicros(current.version)) {
        return { status: 'conflict', version: current.version }
      }
      const params = [text, ...cells.primaryKey(ref), seen.document?.text ?? null, seen.claim?.text ?? null]
      try {
        const answer = await session.writeIf(claim, params, options)
        if (answer['[applied]'] === true) return settle(ref, next, signal)
        seen = cellsOf(ref, answer)
      } catch (error) {
        if (!StoreError.isInstance(error) || error.code === 'ABORTED' || isNotWritten(error)) throw error
        // The outcome is unknown. A serial read completes a transaction in flight.
        let seenNow: Cells
        try {
          seenNow = await cells.read(ref, { ...options, atSerial: true })
        } catch (readError) {
          const isAborted = StoreError.isInstance(readError) && readError.code === 'ABORTED'
          return failed(isAborted ? readError : error, false)
        }
        const own = [seenNow.document, seenNow.claim].some((cell) => cell?.envelope.version === next.version)
        if (!own) return failed(error, false)
        return settle(ref, next, signal)
      }
    }
    throw new StoreError('UNAVAILABLE', `The document changed ${MAX_ROUNDS} times during a conditional write`, {
      ...ref,
    })
  }
}

function holds(condition: WriteCondition, current: Envelope | undefined): boolean {
  const row = current?.row
  const isLive = row !== undefined && (row.expiresAt === undefined || row.expiresAt > condition.now)
  return condition.kind === 'absent' ? !isLive : isLive && row.version === condition.version
}
