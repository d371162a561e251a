import { expect, test } from 'vitest'
import { fail, fakeReranker, script } from '../src/index.js'

test('a text that shares more of the words of the query scores higher', async () => {
  const texts = ['boats in the harbour', 'the harbour is full of boats', 'quarterly revenue grew']
  const [same, some, none] = (await fakeReranker().rerank('Boats in the harbour!', texts, {})) as [
    number,
    number,
    number,
  ]
  expect(same).toBe(1)
  expect(some).toBeGreaterThan(none)
  expect(none).toBe(0)
})

test('calls are recorded, and faults can be injected', async () => {
  const fake = fakeReranker()
  const { port, on } = script(fake)
  on('rerank', fail(new Error('down')), { times: 1 })
  await expect(port.rerank('q', ['a'], {})).rejects.toThrow('down')
  expect(await port.rerank('a', ['a'], {})).toEqual([1])
  expect(fake.calls).toEqual([{ query: 'a', texts: ['a'] }])
})
