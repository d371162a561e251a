import { afterEach, beforeEach } from 'vitest'
import type { Backend, BackendKind } from './backends.ts'
import { makeRig, type Rig, type RigOptions } from './rig.ts'

/** Databases and a rig of their own for each test; closed after it. */
export function useRig(
  { make }: BackendKind,
  defaults: RigOptions = {},
): { readonly current: Rig; readonly backend: Backend } {
  let backend: Backend | undefined
  let rig: Rig | undefined
  beforeEach(async () => {
    backend = await make()
    rig = await makeRig(backend, defaults)
  })
  afterEach(async () => {
    await rig?.end()
    await backend?.cleanup()
  })
  return {
    get current() {
      if (rig === undefined) throw new Error('The rig is there while a test runs')
      return rig
    },
    get backend() {
      if (backend === undefined) throw new Error('The databases are there while a test runs')
      return backend
    },
  }
}
