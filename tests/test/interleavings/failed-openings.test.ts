import { createStore, StoreError } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fail, fakeEmbedder, hang, script } from '@tandemstore/testkit'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { rejection } from '../../src/errors.ts'
import { always } from '../../src/gate.ts'

const broken = () => new StoreError('KV_FAILED', 'It is broken')

describe('an opening that fails', () => {
  let kv: ReturnType<typeof scripts>['kv']
  let vectors: ReturnType<typeof scripts>['vectors']

  const scripts = () => ({ kv: script(memoryKV()), vectors: script(memoryIndex()) })
  beforeEach(() => {
    ;({ kv, vectors } = scripts())
  })

  const open = () => createStore({ collection: 'notes', kv: kv.port, vectors: vectors.port, embedder: fakeEmbedder() })

  /** Lets the call of a method fail that comes after so many. */
  const failAfter = (
    target: { on: (name: never, behaviour: never, options: never) => void },
    name: string,
    after: number,
  ) => {
    let calls = 0
    const behaviour = ({ proceed }: { proceed(): unknown }): unknown => {
      calls += 1
      if (calls > after) throw broken()
      return proceed()
    }
    target.on(name as never, behaviour as never, always as never)
  }

  async function expectNothingOpen(): Promise<void> {
    expect(kv.callsOf('close')).toHaveLength(1)
    expect(vectors.callsOf('close')).toHaveLength(vectors.callsOf('open').length)
  }

  test.each([
    ['clock', 0],
    ['putLease', 0],
    ['spaces', 0],
    ['putSpace', 0],
    ['list', 0],
    ['putSpace', 1],
    ['spaces', 1],
  ] as const)('at %s, after %d calls of it, leaves nothing open and no lease', async (name, after) => {
    failAfter(kv, name, after)
    await rejection(open(), 'KV_FAILED')
    await expectNothingOpen()
    if (name !== 'putLease') expect(await (await kv.port.open('notes')).leases()).toEqual([])
  })

  test('at its last step gives up the space, the lease and the database', async () => {
    failAfter(kv, 'putLease', 1)
    await rejection(open(), 'KV_FAILED')
    expect(vectors.callsOf('open')).toHaveLength(1)
    await expectNothingOpen()
  })

  test('says why it failed, also where closing fails or hangs, and closes the rest', async () => {
    failAfter(kv, 'spaces', 1)
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    vectors.on('close', fail(new Error('The index does not close')), always)
    expect((await rejection(open(), 'KV_FAILED')).message).toBe('It is broken')
    expect(kv.callsOf('close')).toHaveLength(1)
    expect(warned.mock.calls.map(([message]) => String(message)).join()).toContain('The index does not close')
    warned.mockRestore()
  })

  test('is over in a few seconds where the database hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    failAfter(kv, 'spaces', 1)
    let leases = 0
    kv.on(
      'putLease',
      (call) => {
        leases += 1
        return leases > 2 ? hang()(call) : call.proceed()
      },
      always,
    )
    const failed = rejection(open(), 'KV_FAILED')
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await vi.advanceTimersByTimeAsync(6000)
    await failed
    expect(kv.callsOf('close')).toHaveLength(1)
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
})
