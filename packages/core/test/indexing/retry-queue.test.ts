import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreError } from '../../src/errors.js'
import { type FailedAt, RetryQueue } from '../../src/indexing/retry-queue.js'
import { Events } from '../../src/observe/events.js'

const expired = () => new StoreError('AUTHENTICATION', 'The key has expired')
const later = (retryAfterMs: number) => new StoreError('RATE_LIMITED', 'Later', { retryAfterMs })
const away = () => new StoreError('UNAVAILABLE', 'away')

let events: Events
let queue: RetryQueue
/** What was tried again, and when. */
let tried: { readonly name: string; readonly at: number }[]
let start: number

beforeEach(() => {
  vi.useFakeTimers()
  start = performance.now()
  tried = []
  events = new Events('notes')
  events.on('indexBlocked', () => {})
  queue = new RetryQueue(events, { isWaitedFor: false, onDrain: () => {} })
})
afterEach(() => void vi.useRealTimers())

/** Something that fails now, and with each attempt until `error` gives nothing. */
function add(name: string, error: () => StoreError | undefined, failedAt: FailedAt = 'databases'): void {
  const failure = error()
  if (failure === undefined) {
    queue.succeeded(failedAt, true)
    return
  }
  const retry = (): void => {
    tried.push({ name, at: performance.now() - start })
    add(name, error, failedAt)
  }
  queue.add({ failedAt, isDocument: true, isAwaited: () => false, retry, leave: () => {} }, failure)
}

const names = () => tried.map(({ name }) => name)
/** Fails so many times. */
const times = (count: number, error: () => StoreError) => () => (count-- > 0 ? error() : undefined)

describe('the retry queue', () => {
  it('keeps to the Retry-After of each, and delays nothing else by it', () => {
    add(
      'hour',
      times(1, () => later(3_600_000)),
    )
    add(
      'minute',
      times(1, () => later(60_000)),
    )
    add('soon', times(1, away))
    vi.advanceTimersByTime(250)
    expect(names()).toEqual(['soon'])
    vi.advanceTimersByTime(66_000)
    expect(names()).toEqual(['soon', 'minute'])
    vi.advanceTimersByTime(3_960_000)
    expect(names()).toEqual(['soon', 'minute', 'hour'])
    expect(tried[1]?.at).toBeGreaterThanOrEqual(60_000)
    expect(tried[2]?.at).toBeGreaterThanOrEqual(3_600_000)
  })

  it('tries again together what failed together', () => {
    for (let i = 0; i < 100; i += 1) add(String(i), times(1, away))
    for (let i = 0; i < 100; i += 1)
      add(
        `asked ${i}`,
        times(1, () => later(5000)),
      )
    vi.advanceTimersByTime(10_000)
    expect(tried).toHaveLength(200)
    expect(new Set(tried.map(({ at }) => at)).size).toBeLessThanOrEqual(3)
  })

  it('waits longer and longer for an outage, half a minute at most, and for the set-up a few seconds at most', () => {
    add('out', away)
    add('key', expired, 'embedder')
    vi.advanceTimersByTime(600_000)
    const gaps = (name: string) =>
      tried.filter((each) => each.name === name).map(({ at }, i, all) => at - (all[i - 1]?.at ?? 0))
    expect(Math.max(...gaps('out'))).toBeGreaterThan(15_000)
    expect(Math.max(...gaps('out'))).toBeLessThanOrEqual(30_001)
    expect(Math.max(...gaps('key'))).toBeLessThanOrEqual(5001)
    expect(gaps('key').length).toBeLessThan(600_000 / 2000)
  })

  it('tries again at once when the embedder answers, what waits for the embedder and nothing else', () => {
    const until = { mended: false }
    const key = () => (until.mended ? undefined : expired())
    add('one', key, 'embedder')
    add('two', key, 'embedder')
    add('index', away)
    until.mended = true
    expect(queue.blockedBy).toMatchObject({ code: 'AUTHENTICATION' })
    queue.succeeded('embedder')
    expect(names()).toEqual(['one', 'two'])
    expect(queue.blockedBy).toBeUndefined()
    expect(queue.documents).toBe(1)
  })

  it('is not woken more than every few seconds by successes, nor before a time that was asked for', () => {
    add('poison', away, 'embedder')
    add('asked', () => later(600_000), 'embedder')
    for (let i = 0; i < 1000; i += 1) {
      queue.succeeded('embedder')
      vi.advanceTimersByTime(10)
    }
    expect(names()).not.toContain('asked')
    expect(tried.filter(({ name }) => name === 'poison').length).toBeLessThan(12)
  })

  it('tells how many documents wait, once for all that fail together, and of a fault of the set-up once', async () => {
    const delayed = vi.fn()
    const blocked = vi.fn()
    events.on('indexDelayed', delayed)
    events.on('indexBlocked', blocked)
    for (let i = 0; i < 7; i += 1) add(String(i), expired, 'embedder')
    await vi.advanceTimersByTimeAsync(0)
    expect(delayed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ documents: 7 }))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(blocked).toHaveBeenCalledOnce()
    for (const [{ documents }] of delayed.mock.calls) expect(documents).toBe(7)
  })
})
