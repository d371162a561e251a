import { describe, expect, test } from 'vitest'
import { makeIntentPartitions, type PartitionRegistration } from '../src/intent-partitions.js'
import type { Session } from '../src/session.js'
import type { Tables } from '../src/tables.js'

const options = { what: 'write an intent' }
const registration: PartitionRegistration = { namespace: 'n', bucket: 0, space: 's', minute: 1, writer: 'abcdef012345' }

function makePartitions() {
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
  const partitions = makeIntentPartitions(session, { intentPartitions: 'partitions' } as unknown as Tables, () =>
    String(++stamps),
  )
  return { partitions, state }
}

describe('registrations of partitions', () => {
  test('one that is in use is not dropped, and registered once for all that use it', async () => {
    const { partitions, state } = makePartitions()
    const [first, second] = [
      await partitions.use([registration], options),
      await partitions.use([registration], options),
    ]
    expect(state.sent).toEqual(['INSERT'])
    first.end(false)
    await partitions.dropOwn(1, async () => true, options)
    expect(state.sent).toEqual(['INSERT'])
    second.end(false)
    await partitions.dropOwn(1, async () => true, options)
    expect(state.sent).toEqual(['INSERT', 'DELETE'])
  })

  test('one that is not empty stays registered', async () => {
    const { partitions, state } = makePartitions()
    ;(await partitions.use([registration], options)).end(false)
    await partitions.dropOwn(1, async () => false, options)
    await partitions.use([registration], options)
    expect(state.sent).toEqual(['INSERT'])
  })

  test('one whose drop was not answered is registered anew', async () => {
    const { partitions, state } = makePartitions()
    ;(await partitions.use([registration], options)).end(false)
    state.failing = 'DELETE'
    await expect(partitions.dropOwn(1, async () => true, options)).rejects.toThrow('timed out')
    state.failing = undefined
    await partitions.use([registration], options)
    expect(state.sent).toEqual(['INSERT', 'DELETE', 'INSERT'])
  })

  test('one that could not be registered is tried again by the next', async () => {
    const { partitions, state } = makePartitions()
    state.failing = 'INSERT'
    await expect(partitions.use([registration], options)).rejects.toThrow('timed out')
    state.failing = undefined
    ;(await partitions.use([registration], options)).end(false)
    expect(state.sent).toEqual(['INSERT', 'INSERT'])
  })

  test('one where a write may still arrive is not dropped', async () => {
    const { partitions, state } = makePartitions()
    ;(await partitions.use([registration], options)).end(true)
    await partitions.dropOwn(1, async () => true, options)
    expect(state.sent).toEqual(['INSERT'])
    // Nor by a later write of its minute.
    ;(await partitions.use([registration], options)).end(false)
    await partitions.dropOwn(1, async () => true, options)
    expect(state.sent).not.toContain('DELETE')
  })

  test('a partition takes no more intents than can be read', async () => {
    const { partitions, state } = makePartitions()
    for (let calls = 0; calls < 250; calls += 1) {
      expect(partitions.isFull(registration)).toBe(false)
      ;(await partitions.use(new Array(8).fill(registration), options)).end(false)
    }
    expect(state.sent).toEqual(['INSERT'])
    expect(partitions.isFull(registration)).toBe(true)
    expect(partitions.isFull({ ...registration, minute: 2 })).toBe(false)
  })
})
