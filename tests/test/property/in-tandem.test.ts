import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, test, vi } from 'vitest'
import { type Backend, backendKinds } from '../../src/backends.ts'
import { type Action, action } from '../../src/model/actions.ts'
import { World } from '../../src/model/world.ts'
import { makeRig } from '../../src/rig.ts'

/** TANDEM_RUNS: how many sequences. TANDEM_SEED: those of an earlier run. TANDEM_SHRINK: look for a shorter one. TANDEM_LOG: say each step. */
const runs = Number(process.env.TANDEM_RUNS ?? 60)
const seed = Number(process.env.TANDEM_SEED ?? Date.now() & 0x7fffffff)

class Command implements fc.AsyncCommand<object, World> {
  readonly #action: Action

  constructor(action: Action) {
    this.#action = action
  }

  check(): boolean {
    return true
  }

  async run(_: object, world: World): Promise<void> {
    await world.step(this.#action)
  }

  toString(): string {
    return JSON.stringify(this.#action)
  }
}

describe.each(backendKinds)('$name', ({ make }) => {
  let backend: Backend

  beforeAll(async () => {
    backend = await make()
    // Only the date, so that what waits for a timer still comes to its end; no pause between two attempts.
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })

  afterAll(async () => {
    vi.restoreAllMocks()
    vi.useRealTimers()
    await backend.cleanup()
  })

  beforeEach(() => {
    console.log(`TANDEM_SEED=${seed} TANDEM_RUNS=${runs}`)
  })

  test.each([
    ['points', undefined],
    ['points and words', true],
  ])(
    'after any sequence of writes, failures and restarts the index holds exactly the %s of the documents',
    async (_, keywords) => {
      if (keywords && !backend.vectors.capabilities.terms) return
      // Keeps the database open between two runs.
      const anchor = await makeRig(backend)
      await fc.assert(
        fc.asyncProperty(
          fc.commands([action.map((each) => new Command(each))], { maxCommands: 30, size: 'max' }),
          async (commands) => {
            const rig = await makeRig(backend)
            try {
              const world = await World.begin(rig, keywords)
              await fc.asyncModelRun(() => ({ model: {}, real: world }), commands)
              await world.settle()
            } finally {
              await rig.end()
            }
          },
        ),
        { numRuns: runs, seed, timeout: 20_000, endOnFailure: process.env.TANDEM_SHRINK === undefined },
      )
      await anchor.end()
    },
    600_000,
  )
})
