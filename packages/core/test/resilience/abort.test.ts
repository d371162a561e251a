import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createStore } from '../../src/index.js'
import { memoryIndex, memoryKV } from '../../src/memory/index.js'
import { joinedWith, onAbort, raceAbort } from '../../src/resilience/abort.js'

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

describe('a signal that many share', () => {
  it('has one listener, which tells each once, and none when nobody is left', () => {
    const controller = new AbortController()
    const { signal } = controller
    const told: number[] = []
    const stops = Array.from({ length: 1000 }, (_, i) => onAbort(signal, () => told.push(i)))
    expect(listenersOf(signal)).toBe(1)
    for (const stop of stops.slice(0, 998)) stop()
    controller.abort()
    expect(told).toEqual([998, 999])
    for (const stop of stops) stop()
    expect(listenersOf(signal)).toBe(0)
  })

  it('keeps a listener that comes when the others are gone', () => {
    const controller = new AbortController()
    const { signal } = controller
    const stopFirst = onAbort(signal, () => told.push('first'))
    const told: string[] = []
    stopFirst()
    expect(listenersOf(signal)).toBe(0)
    onAbort(signal, () => told.push('second'))
    stopFirst()
    controller.abort()
    expect(told).toEqual(['second'])
  })

  it('ends each wait with ABORTED, also one that begins later', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const waits = [1, 2, 3].map(() => raceAbort(new Promise<void>(() => {}), signal))
    controller.abort('enough')
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    await expect(raceAbort(Promise.reject(new Error('late')), signal)).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('is joined with that of the store once', () => {
    const own = new AbortController()
    const users = new AbortController()
    const joined = joinedWith(own.signal)
    expect(joined(undefined)).toBe(own.signal)
    expect(joined(users.signal)).toBe(joined(users.signal))
    users.abort()
    expect(joined(users.signal).aborted).toBe(true)
    expect(own.signal.aborted).toBe(false)
  })

  it('takes no more listeners for a thousand calls than for one', async () => {
    const store = await createStore({
      collection: 'shared',
      kv: memoryKV(),
      vectors: memoryIndex(),
      embedder: {
        model: { provider: 'test', name: 'test' },
        dimensions: 1,
        embed: (texts) => ({ vectors: texts.map(() => [1]) }),
      },
    })
    const { signal } = new AbortController()
    const most = async (calls: number): Promise<number> => {
      const all = Array.from({ length: calls }, (_, i) => [
        store.put(['a'], `k${i}`, { i }, { signal }),
        store.get(['a'], `k${i}`, { signal }),
        store.delete(['a'], `d${i}`, { signal }),
        store.search(['a'], { query: `${i}`, signal }),
        store.flush({ signal }),
      ])
      const listeners = listenersOf(signal)
      await Promise.all(all.flat())
      return listeners
    }
    expect(await most(1000)).toBe(await most(1))
    expect(listenersOf(signal)).toBe(0)
    await store.close()
  })
})
