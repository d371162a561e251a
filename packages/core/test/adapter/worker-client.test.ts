import { afterEach, describe, expect, it } from 'vitest'
import { toWireError, type WorkerClient, workerClient } from '../../src/adapter/worker-client.js'
import { StoreError } from '../../src/errors.js'

type Request = { echo?: string; wait?: SharedArrayBuffer } | { fail: object } | { crash: string } | { exit: number }
interface Value {
  readonly echo: string
  readonly threadId: number
  readonly workerData: unknown
}

const clients: WorkerClient<Request, Value>[] = []
const client = (): WorkerClient<Request, Value> => {
  const made = workerClient<Request, Value>(new URL('../fixtures/scripted-worker.mjs', import.meta.url), { given: 1 })
  clients.push(made)
  return made
}
afterEach(async () => {
  await Promise.all(clients.splice(0).map((made) => made.close()))
})

const later = { urgent: false }
const echoes = (values: Value[]) => values.map(({ echo }) => echo)
const numbers = (count: number) => Array.from({ length: count }, (_, i) => ({ echo: String(i) }))

/** A request that holds the worker until `open` is called. */
function gate(): { request: Request; open(): void } {
  const shared = new SharedArrayBuffer(4)
  const open = () => {
    Atomics.store(new Int32Array(shared), 0, 1)
    Atomics.notify(new Int32Array(shared), 0)
  }
  return { request: { echo: 'gate', wait: shared }, open }
}

describe('workerClient', () => {
  it('gives the values in the order of the requests, all by one worker', async () => {
    const { call } = client()
    const values = await Promise.all([call(numbers(20), later), call(numbers(3), later)])
    expect(values.map(echoes)).toEqual([numbers(20).map(({ echo }) => echo), ['0', '1', '2']])
    expect(new Set(values.flat().map(({ threadId }) => threadId)).size).toBe(1)
    expect(values[0]?.[0]?.workerData).toEqual({ given: 1 })
    expect(await call([], later)).toEqual([])
  })

  it('lets an urgent call pass those that wait', async () => {
    const { call } = client()
    const { request, open } = gate()
    const order: string[] = []
    const note = (name: string) => () => order.push(name)
    const calls = [
      call([request, { echo: 'sent ahead' }], later).then(note('first')),
      call(numbers(2), later).then(note('second')),
      call(numbers(2), { urgent: true }).then(note('urgent')),
      call(numbers(1), { urgent: true }).then(note('urgent too')),
    ]
    open()
    await Promise.all(calls)
    expect(order).toEqual(['first', 'urgent', 'urgent too', 'second'])
  })

  it('fails a call by its first failing request, with the code the worker gave, and goes on with the others', async () => {
    const { call } = client()
    const bad: Request = { fail: { code: 'EMBEDDING_FAILED', message: 'no good' } }
    const [failed, fine] = await Promise.allSettled([
      call([{ echo: 'a' }, bad, { echo: 'b' }, bad], later),
      call(numbers(2), later),
    ])
    expect(failed).toMatchObject({ reason: { code: 'EMBEDDING_FAILED', message: 'no good', retryable: false } })
    expect(fine).toMatchObject({ value: [{ echo: '0' }, { echo: '1' }] })
  })

  it('stops waiting on abort, for what the worker has begun and for what it has not', async () => {
    const { call } = client()
    const { request, open } = gate()
    const controller = new AbortController()
    const options = { urgent: false, signal: controller.signal }
    const begun = call([request, ...numbers(5)], options)
    const waiting = call(numbers(5), options)
    const other = call([{ echo: 'other' }], later)
    controller.abort(new Error('enough'))
    for (const call of [begun, waiting])
      await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
    await expect(call(numbers(1), options)).rejects.toMatchObject({ code: 'ABORTED' })
    open()
    expect(echoes(await other)).toEqual(['other'])
  })

  it.each([
    [{ crash: 'out of luck' }, 'crashed: out of luck'],
    [{ exit: 3 }, 'exited with code 3'],
  ] satisfies [Request, string][])(
    'rejects what is pending when the worker is lost by %j, and starts another for the next call',
    async (request, message) => {
      const { call } = client()
      const before = await call(numbers(1), later)
      const lost = await Promise.allSettled([call([request], later), call(numbers(5), later)])
      for (const result of lost) expect(result).toMatchObject({ reason: { code: 'UNAVAILABLE', retryable: true } })
      expect(lost[0]).toMatchObject({ reason: { message: expect.stringContaining(message) } })
      const after = await call(numbers(1), later)
      expect(after[0]?.threadId).not.toBe(before[0]?.threadId)
    },
  )

  it('passes on what the worker knows of an error', async () => {
    const fail = { code: 'UNAVAILABLE', message: 'disk full', setup: true, retryable: false }
    await expect(client().call([{ fail }], later)).rejects.toMatchObject(fail)
    expect(toWireError(new StoreError('RATE_LIMITED', 'slow', { retryAfterMs: 5 }), 'KV_FAILED', 'no')).toEqual({
      ...{ code: 'RATE_LIMITED', message: 'slow', retryable: true, setup: false, retryAfterMs: 5 },
    })
    expect(toWireError(new TypeError('bug'), 'KV_FAILED', 'It failed')).toMatchObject({
      code: 'KV_FAILED',
      message: 'It failed: bug',
    })
  })

  const options = { name: 'The embedding worker', packageName: '@tandemstore/embed-some' }

  it('says of a file that a bundler left out what mends it', async () => {
    const left = 'bundler left it out'
    const files = [
      new URL('../fixtures/no-such-worker.mjs', import.meta.url),
      // Where modules become CommonJS, `import.meta.url` is undefined.
      () => new URL('./worker.js', undefined),
    ]
    for (const file of files) {
      const { call, close } = workerClient<Request, Value>(file, undefined, options)
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const error = await call(numbers(3), later).catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ code: 'CONFIGURATION', retryable: false })
        for (const words of ['The embedding worker', left, '@tandemstore/embed-some', 'serverExternalPackages'])
          expect((error as StoreError).message).toContain(words)
      }
      await close()
    }
  })

  it('says of a package that is not installed how to install it', async () => {
    const file = new URL('../fixtures/wants-a-package.mjs', import.meta.url)
    const { call } = workerClient<Request, Value>(file, undefined, options)
    await expect(call(numbers(1), later)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('npm install @tandemstore/no-such-package'),
    })
  })

  it('refuses with CLOSED what is pending on close, and every later call', async () => {
    const { call, close } = client()
    const { request, open } = gate()
    const pending = Promise.allSettled([call([request], later), call(numbers(5), later)])
    const closing = close()
    for (const result of await pending) expect(result).toMatchObject({ reason: { code: 'CLOSED' } })
    // What has begun is let end, as a thread that is ended inside native code takes the process with it.
    open()
    await closing
    await expect(call(numbers(1), later)).rejects.toMatchObject({ code: 'CLOSED' })
    await close()
  })
})
