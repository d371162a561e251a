import { randomBytes } from 'node:crypto'
import { StoreError } from '../errors.js'
import type { Version } from '../ports/common.js'

/** The microseconds since the Unix epoch of a version. */
export function versionMicros(version: Version): number {
  return Number(version.slice(0, 16))
}

/** The writer of a version: twelve hexadecimal digits. */
export function versionWriter(version: Version): string {
  return version.slice(17)
}

/** A version from its parts. */
export function formatVersion(micros: number, writer: string): Version {
  // In two halves, each a small integer: those are written out much faster.
  const low = micros % 1e8
  const high = (micros - low) / 1e8
  return `${String(high).padStart(8, '0')}${String(low).padStart(8, '0')}-${writer}`
}

/** The highest version of the microsecond before another one's: below it, and above nearly all that are. */
export function versionBelow(version: Version): Version {
  return formatVersion(versionMicros(version) - 1, 'ffffffffffff')
}

/** Whether a text has the form of a version. */
export function isVersion(value: unknown): value is Version {
  return typeof value === 'string' && /^\d{16}-[0-9a-f]{12}$/.test(value)
}

/** The higher of two versions. */
export function maxVersion(a: Version, b: Version): Version {
  return a >= b ? a : b
}

/** A writer's name that no other process has: 48 random bits, so that it is also an exact integer in a double. */
export function newWriter(): string {
  return randomBytes(6).toString('hex')
}

/**
 * Stamps versions: a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014) with the counter folded
 * into the microseconds. It never goes backwards, and goes past every version it is shown.
 */
export class VersionClock {
  #last = 0
  /** Microseconds given out that are too far ahead for the clock to follow. */
  readonly #far = new Set<number>()
  readonly writer: string
  readonly #now: () => number
  readonly #maxDriftMs: number

  constructor(options: { writer: string; now: () => number; maxDriftMs: number }) {
    this.writer = options.writer
    this.#now = options.now
    this.#maxDriftMs = options.maxDriftMs
  }

  /** The next version. If the wall clock goes backwards, versions go on from the last one. */
  next(): Version {
    this.#last = this.#free(Math.max(this.#now() * 1000, this.#last + 1))
    return formatVersion(this.#last, this.writer)
  }

  /**
   * A version above another one, however far that is ahead of the wall clock. The clock goes past it, as with
   * `witness`, but not where it is too far ahead: or else one wrong clock would make all others wrong.
   */
  above(version: Version): Version {
    const micros = versionMicros(version)
    if (micros <= this.#last || this.#aheadMs(micros) <= this.#maxDriftMs) {
      this.#last = Math.max(this.#last, micros)
      return this.next()
    }
    const far = this.#free(micros + 1)
    this.#far.add(far)
    return formatVersion(far, this.writer)
  }

  /** Goes past a version that was read. CONFIGURATION, naming the skew, for one too far ahead of the wall clock. */
  witness(version: Version): void {
    const micros = versionMicros(version)
    if (micros <= this.#last) return
    const ahead = this.#aheadMs(micros)
    if (ahead > this.#maxDriftMs) {
      throw new StoreError(
        'CONFIGURATION',
        `A version lies ${ahead} ms ahead of this machine's clock, more than maxDriftMs (${this.#maxDriftMs}): set the clocks right`,
      )
    }
    this.#last = micros
  }

  #aheadMs(micros: number): number {
    return Math.round(micros / 1000 - this.#now())
  }

  /** The next microsecond from this one on that was not given out. */
  #free(micros: number): number {
    let free = micros
    while (this.#far.has(free)) free += 1
    return free
  }
}
