import type { StoreError } from '@tandemstore/core'
import type { Library } from './library.ts'
import type { Plan } from './plan.ts'

/** What has become of the sections of a plan so far. */
export interface Tally {
  /** New sections that are searchable now. */
  readonly added: number
  /** Sections that an earlier run had stored without making them searchable, and that are now. */
  readonly recovered: number
  /** Sections that will not be searchable, and why the first of them. */
  readonly failed: number
  readonly firstError: StoreError | undefined
  fail(error: StoreError): void
  /** Called with how many sections became searchable. */
  onProgress: ((done: number) => void) | undefined
}

/** Follows what becomes of each section by the store's events, until the store is closed. */
export function keepTally(library: Library, { put, stored }: Plan): Tally {
  const fresh = new Set(put.map(idOf))
  const earlier = new Set(stored.map(idOf))
  const tally = {
    added: 0,
    recovered: 0,
    failed: 0,
    firstError: undefined as StoreError | undefined,
    onProgress: undefined as Tally['onProgress'],
    fail(error: StoreError) {
      tally.failed += 1
      tally.firstError ??= error
    },
  }
  library.on('indexed', (section) => {
    const id = idOf(section)
    if (fresh.delete(id)) tally.added += 1
    else if (earlier.delete(id)) tally.recovered += 1
    else return
    tally.onProgress?.(tally.added + tally.recovered)
  })
  library.on('indexFailed', ({ error }) => tally.fail(error))
  return tally
}

function idOf({ namespace, key }: { readonly namespace: readonly string[]; readonly key: string }): string {
  return JSON.stringify([namespace, key])
}
