import { describe, expect, test } from 'vitest'
import { makeIntentPartitions, type PartitionRegistration } from '../src/intent-partitions.js'
import type { Session } from '../src/session.js'
import type { Tables } from '../src/tables.js'

const options = { what: 'write an intent' }
const record: PartitionRegistration = { namespace: 'n', bucket: 0, space: 's', minute: 1, writer: 'abcdef012345' }

function makePlaces() {
  const sent: string[] = []
  const state = { sent, failing: undefined as string | undefined }
  const session = {
    async write(query: string) {
      const [verb = ''] = query.split(' ')
      sent.push(verb)
      if (verb === state.failing) throw new Error('timed out')
    },
  } as unknown as Session
  let stamps = 0
  const places = makeIntentPartitions(session, { intentPartitions: 'partitions' } as unknown as Tables, () =>
    String(++stamps),
  )
  return { places, state }
}

describe('places', () => {
  test('one that is in use is not dropped, and registered once for all that use it', async () => {
    const { places, state } = makePlaces()
    const [first, second] = [await places.use([record], options), await places.use([record], options)]
    expect(state.sent).toEqual(['INSERT'])
    first.end(false)
    await places.dropOwn(1, async () => true, options)
    expect(state.sent).toEqual(['INSERT'])
    second.end(false)
    await places.dropOwn(1, async () => true, options)
    expect(state.sent).toEqual(['INSERT', 'DELETE'])
  })

  test('one that is not empty stays registered', async () => {
    const { places, state } = makePlaces()
    ;(await places.use([record], options)).end(false)
    await places.dropOwn(1, async () => false, options)
    await places.use([record], options)
    expect(state.sent).toEqual(['INSERT'])
  })

  test('one whose drop was not answered is registered anew', async () => {
    const { places, state } = makePlaces()
    ;(await places.use([record], options)).end(false)
    state.failing = 'DELETE'
    await expect(places.dropOwn(1, async () => true, options)).rejects.toThrow('timed out')
    state.failing = undefined
    await places.use([record], options)
    expect(state.sent).toEqual(['INSERT', 'DELETE', 'INSERT'])
  })

  test('one that could not be registered is tried again by the next', async () => {
    const { places, state } = makePlaces()
    state.failing = 'INSERT'
    await expect(places.use([record], options)).rejects.toThrow('timed out')
    state.failing = undefined
    ;(await places.use([record], options)).end(false)
    expect(state.sent).toEqual(['INSERT', 'INSERT'])
  })

  test('one where something may still arrive is not dropped', async () => {
    const { places, state } = makePlaces()
    ;(await places.use([record], options)).end(true)
    await places.dropOwn(1, async () => true, options)
    expect(state.sent).toEqual(['INSERT'])
    // Nor by a later write of its minute.
    ;(await places.use([record], options)).end(false)
    await places.dropOwn(1, async () => true, options)
    expect(state.sent).not.toContain('DELETE')
  })

  test('one takes no more intents than can be read', async () => {
    const { places, state } = makePlaces()
    for (let calls = 0; calls < 250; calls += 1) {
      expect(places.isFull(record)).toBe(false)
      ;(await places.use(new Array(8).fill(record), options)).end(false)
    }
    expect(state.sent).toEqual(['INSERT'])
    expect(places.isFull(record)).toBe(true)
    expect(places.isFull({ ...record, minute: 2 })).toBe(false)
  })
})
