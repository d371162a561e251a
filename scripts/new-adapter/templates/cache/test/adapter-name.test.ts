import { expect, test } from 'vitest'
import { adapterNameCache } from '../src/index.js'
import { memoryClient } from './memory-client.js'

test('bad options are named', () => {
  expect(() => adapterNameCache({ client: undefined as never })).toThrow(expect.objectContaining({ field: 'client' }))
  expect(() => adapterNameCache({ client: memoryClient(), prefix: '' })).toThrow(
    expect.objectContaining({ field: 'prefix' }),
  )
})

test('a value that was cut off is a miss', async () => {
  const client = memoryClient()
  await client.setMany([['tandem:a', Uint8Array.of(1, 2, 3)]])
  await expect(adapterNameCache({ client }).getMany(['a'])).resolves.toEqual([undefined])
})

test('clear leaves alone what is not the cache’s', async () => {
  const client = memoryClient()
  await client.setMany([['other', Uint8Array.of(1)]])
  await adapterNameCache({ client }).clear()
  await expect(client.getMany(['other'])).resolves.toEqual([Uint8Array.of(1)])
})
