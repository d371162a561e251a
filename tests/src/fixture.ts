import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'
import type { Backend, BackendKind } from './backends.ts'
import { openRaw, type Raw } from './raw.ts'
import { makeRig, type Rig, type RigOptions } from './rig.ts'

/** A rig of its own for each test, on databases that the tests of a group share; closed after it. */
export function useRig(
  { make }: BackendKind,
  defaults: RigOptions = {},
): { readonly current: Rig; readonly backend: Backend } {
  let backend: Backend | undefined
  /** Keeps the databases open from one test to the next. */
  let anchor: Raw | undefined
  let rig: Rig | undefined
  beforeAll(async () => {
    backend = await make()
    anchor = await openRaw(backend, 'anchor')
  })
  afterAll(async () => {
    await anchor?.close()
    await backend?.cleanup()
  })
  beforeEach(async () => {
    rig = await makeRig(there(backend), defaults)
  })
  afterEach(async () => {
    await rig?.end()
  })
  return {
    get current() {
      return there(rig)
    },
    get backend() {
      return there(backend)
    },
  }
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('It is there while a test runs')
  return value
}

/** The date stands still, and moves by `pass` alone. Timers run as usual. */
export function useFakeDate(): { pass(ms: number): void } {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  return { pass: (ms) => void vi.setSystemTime(Date.now() + ms) }
}
