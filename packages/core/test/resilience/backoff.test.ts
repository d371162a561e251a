import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { raceAbort, sleep } from '../../src/resilience/abort.js'
import { backoffMs } from '../../src/resilience/backoff.js'

describe('a back-off', () => {
  it('doubles up to a bound, with full jitter', () => {
    const pauseAfter = (attempts: number, random: number) =>
      backoffMs(attempts, { baseMs: 500, maxMs: 30_000, random: () => random })
    expect([1, 2, 3, 4, 20].map((attempts) => pauseAfter(attempts, 1))).toEqual([500, 1000, 2000, 4000, 30_000])
    expect(pauseAfter(3, 0)).toBe(0)
  })

  it('keeps to the time that is asked for, and comes up to a tenth later, but waits for no more than an hour', () => {
    const asked = (askedMs: number, random: number) =>
      backoffMs(1, { baseMs: 500, maxMs: 30_000, askedMs, random: () => random })
    expect([asked(2000, 0), asked(2000, 1)]).toEqual([2000, 2200])
    expect(asked(1e12, 0)).toBe(3_600_000)
  })
})

describe('a wait', () => {
  it('ends when its time is over, and leaves nothing behind', async () => {
    const { signal } = new AbortController()
    await sleep(1, signal)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('ends with ABORTED when the signal fires, or has fired', async () => {
    const controller = new AbortController()
    const waits = [sleep(3_600_000, controller.signal), raceAbort(new Promise(() => {}), controller.signal)]
    const checks = waits.map((each) => expect(each).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' }))
    controller.abort('enough')
    await Promise.all(checks)
    await expect(sleep(3_600_000, controller.signal)).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
