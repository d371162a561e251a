import { expect, it } from 'vitest'
import { openBenchStore } from '../../src/store/open-store.js'
import { embedder } from '../embedder.js'

it('gives each caller a memory of its own', async () => {
  const options = { kind: 'memory', collection: 'bench', embedder } as const
  const [one, other] = [await openBenchStore(options), await openBenchStore(options)]
  await one.store.put(['a'], 'k', { text: 'tea' }, { sync: 'wait' })
  expect(await other.store.get(['a'], 'k')).toBeUndefined()
  await Promise.all([one.remove(), other.remove()])
})

it('takes no name that is none of a collection, and opens nothing for who has gone', async () => {
  await expect(openBenchStore({ kind: 'memory', collection: 'No"', embedder })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  })
  const signal = AbortSignal.abort(new Error('gone'))
  await expect(openBenchStore({ kind: 'memory', collection: 'bench', embedder, signal })).rejects.toThrow('gone')
})
