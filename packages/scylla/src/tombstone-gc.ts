import type { Row } from './session.js'

/** How long a deletion is remembered: `gc_grace_seconds` of the tables. Seconds. */
export const DELETION_MEMORY = 864_000

/**
 * ScyllaDB keeps tombstones for `gc_grace_seconds` only in this mode. Its default depends on the release and on
 * tablets: in mode `repair` they go an hour before the last repair, or never.
 */
export const TOMBSTONE_GC = "tombstone_gc = {'mode': 'timeout'}"

/** What `system_schema.tables` says of `tombstone_gc`; `undefined` where the table leaves it to the release. */
export function tombstoneGcOf({ extensions }: Row): Readonly<Record<string, string>> | undefined {
  const entries: Iterable<[string, unknown]> =
    extensions instanceof Map ? extensions.entries() : Object.entries((extensions ?? {}) as object)
  for (const [name, value] of entries) if (name === 'tombstone_gc' && Buffer.isBuffer(value)) return readMap(value)
  return undefined
}

/** Whether a deletion is remembered as long as Tandem says. */
export function remembersDeletions(options: Readonly<Record<string, string>> | undefined): boolean {
  if (options === undefined) return false
  const { mode, propagation_delay_in_seconds: delay } = options
  return mode === 'timeout' || mode === 'disabled' || (mode === 'repair' && Number(delay) >= DELETION_MEMORY)
}

/**
 * A map of texts in ScyllaDB's own form: the number of entries, then name and value, each its length and its bytes;
 * numbers are 32 bits, little endian. `undefined` for anything else.
 */
function readMap(bytes: Buffer): Record<string, string> | undefined {
  let at = 0
  const readInt = (): number => {
    at += 4
    return bytes.readUInt32LE(at - 4)
  }
  const readText = (): string => {
    const length = readInt()
    at += length
    if (at > bytes.length) throw new RangeError('The text is cut off')
    return bytes.toString('utf8', at - length, at)
  }
  try {
    const count = readInt()
    const found: Record<string, string> = {}
    for (let i = 0; i < count; i += 1) {
      const name = readText()
      found[name] = readText()
    }
    return found
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
