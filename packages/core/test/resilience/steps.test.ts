import { afterEach, describe, expect, it, vi } from 'vitest'
import { finish, finishInTurns, type Steps } from '../../src/resilience/steps.js'

let now = 0
/** Work of `count` steps that each take `ms` of a clock that only they move. */
function* work(count: number, ms: number, done: string[], name: string): Steps<string> {
  for (let i = 0; i < count; i += 1) {
    now += ms
    done.push(name)
    yield
  }
  return name
}

afterEach(() => void vi.restoreAllMocks())

describe('work in turns', () => {
  it('is done at once where it is short', () => {
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    expect(finishInTurns(work(3, 1, [], 'short'))).toBe('short')
    expect(finish(work(300, 1, [], 'long'))).toBe('long')
  })

  it('lets others have a turn in between, also when much is to do at a time', async () => {
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    const done: string[] = []
    const all = ['a', 'b', 'c'].map((name) => finishInTurns(work(40, 4, done, name)))
    let round = 0
    let isOver = false
    const rounds: string[][] = []
    const look = (): void => {
      rounds.push(done.splice(0))
      round += 1
      if (!isOver) setImmediate(look)
    }
    look()
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c'])
    isOver = true
    expect(round).toBeGreaterThan(30)
    // The first turn of each is taken where it was asked for.
    expect(rounds[0]).toHaveLength(9)
    for (const steps of rounds.slice(1)) expect(steps.length).toBeLessThanOrEqual(3)
  })

  it('fails as the work does', async () => {
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    function* failing(): Steps<never> {
      yield* work(9, 4, [], 'x')
      throw new Error('no more')
    }
    await expect(finishInTurns(failing())).rejects.toThrow('no more')
  })
})
