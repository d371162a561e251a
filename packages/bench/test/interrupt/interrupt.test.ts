import { EventEmitter } from 'node:events'
import { StoreError } from '@tandemstore/core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { untilInterrupted } from '../../src/interrupt.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

class Exit extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

/** A process whose end is an exception. */
function fakeProcess() {
  const emitter = new EventEmitter()
  const told: string[] = []
  return {
    emitter,
    told,
    own: {
      on: (event: string, listener: () => void) => emitter.on(event, listener),
      off: (event: string, listener: () => void) => emitter.off(event, listener),
      exit: (code: number): never => {
        throw new Exit(code)
      },
      stderr: { write: (text: string) => told.push(text) },
    },
  }
}

it('gives the result, and leaves no listener', async () => {
  const { own, emitter } = fakeProcess()
  expect(await untilInterrupted(async () => 7, own)).toBe(7)
  await expect(untilInterrupted(() => Promise.reject(new Error('broken')), own)).rejects.toThrow('broken')
  expect(emitter.eventNames()).toEqual([])
})

it.each(['SIGINT', 'SIGTERM'])('waits for the clean-up after %s, then ends with 130', async (signalName) => {
  const { own, emitter, told } = fakeProcess()
  const cleaned = Promise.withResolvers<void>()
  let ended = false
  const result = untilInterrupted(async (signal) => {
    emitter.emit(signalName)
    expect(signal.aborted).toBe(true)
    await cleaned.promise
    signal.throwIfAborted()
  }, own).finally(() => {
    ended = true
  })
  result.catch(() => {})
  await vi.advanceTimersByTimeAsync(10_000)
  expect(ended).toBe(false)
  cleaned.resolve()
  await expect(result).rejects.toMatchObject({ code: 130 })
  expect(told.join('')).toMatch(/Ctrl-C again/)
  expect(told).toHaveLength(1)
})

it('ends with 130 also where the command had come to its end, and tells of a clean-up that failed', async () => {
  const { own, emitter, told } = fakeProcess()
  const run = async (): Promise<void> => void emitter.emit('SIGINT')
  await expect(untilInterrupted(run, own)).rejects.toMatchObject({ code: 130 })
  const failing = async (): Promise<void> => {
    emitter.emit('SIGINT')
    throw new StoreError('UNAVAILABLE', 'the tables could not be dropped')
  }
  await expect(untilInterrupted(failing, own)).rejects.toMatchObject({ code: 130 })
  expect(told.at(-1)).toBe('While stopping: the tables could not be dropped\n')
})

it('ends at once at the second Ctrl-C, but takes one that comes twice for one', async () => {
  const { own, emitter } = fakeProcess()
  const never = new Promise<void>(() => {})
  void untilInterrupted(() => never, own)
  emitter.emit('SIGINT')
  await vi.advanceTimersByTimeAsync(100)
  expect(() => emitter.emit('SIGINT')).not.toThrow()
  await vi.advanceTimersByTimeAsync(1000)
  expect(() => emitter.emit('SIGINT')).toThrow('exit 130')
})
