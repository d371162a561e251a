import { expect, test, vi } from 'vitest'
import { shared } from '../src/connection.js'
import { adapterName } from '../src/index.js'

test('bad options are named', () => {
  expect(() => adapterName({ url: 'nowhere' })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', field: 'url' }),
  )
})

test('a space keeps its metric', async () => {
  const url = 'adapter-name://localhost/reopened'
  const first = await adapterName({ url }).open({ name: 'a', dimensions: 3, metric: 'cosine', filterable: {} })
  await first.close()
  await expect(
    adapterName({ url }).open({ name: 'a', dimensions: 3, metric: 'dot', filterable: {} }),
  ).rejects.toMatchObject({ code: 'MODEL_MISMATCH' })
})

test('one connection serves all handles, is closed with the last, and is made anew after a failure', async () => {
  const open = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('down')).mockResolvedValue('connection')
  const close = vi.fn(async () => undefined)
  const hold = shared(open, close)
  const handle = () => hold(async (_, release) => ({ close: release }))
  await expect(handle()).rejects.toThrow('down')
  const [first, second] = await Promise.all([handle(), handle()])
  expect(open).toHaveBeenCalledTimes(2)
  await first.close()
  await first.close()
  expect(close).not.toHaveBeenCalled()
  await second.close()
  expect(close).toHaveBeenCalledExactlyOnceWith('connection')
})

test('a handle that could not be made holds nothing open', async () => {
  const close = vi.fn(async () => undefined)
  const hold = shared(async () => 'connection', close)
  await expect(hold(() => Promise.reject(new Error('no such table')))).rejects.toThrow('no such table')
  expect(close).toHaveBeenCalledOnce()
})
