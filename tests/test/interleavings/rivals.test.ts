import { StoreError } from '@tandemstore/core'
import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'
import { always, outage } from '../../src/gate.ts'

describe.each(backendKinds)('two processes on one document, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind)

  test('a put that is projected after a newer one of another process leaves the newer points', async () => {
    const [slow, fast] = [await rig.current.start(), await rig.current.start()]
    const upsert = slow.vectors.hold('replace')
    const first = await slow.store.put(['a'], '1', { title: 'red', body: 'red' })
    await upsert.reached
    clock.pass(1)
    await fast.store.put(['a'], '1', { title: 'blue' }, { sync: 'wait' })
    upsert.release()
    await first.indexed
    await rig.current.expectInTandem()
    expect((await rig.current.raw.points()).map(({ field }) => field)).toEqual(['title'])
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a put that is projected after its deletion by another process leaves nothing', async () => {
    const [slow, fast] = [await rig.current.start(), await rig.current.start()]
    const upsert = slow.vectors.hold('replace')
    const put = await slow.store.put(['a'], '1', { title: 'red' })
    await upsert.reached
    clock.pass(1)
    await fast.store.delete(['a'], '1', { sync: 'wait' })
    upsert.release()
    await put.indexed
    expect(await rig.current.raw.points()).toEqual([])
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a put that is projected after its namespace was deleted by another process leaves nothing', async () => {
    const [slow, fast] = [await rig.current.start(), await rig.current.start()]
    const upsert = slow.vectors.hold('replace')
    const put = await slow.store.put(['a', 'b'], '1', { title: 'red' })
    await upsert.reached
    clock.pass(1)
    await (await fast.store.deleteNamespace(['a'])).indexed
    upsert.release()
    await put.indexed
    expect(await rig.current.raw.points()).toEqual([])
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('the document changes between the points and the reading of its version: it is projected again', async () => {
    const [slow, fast] = [await rig.current.start(), await rig.current.start()]
    const read = slow.kv.hold('get')
    const put = await slow.store.put(['a'], '1', { title: 'red' })
    await read.reached
    clock.pass(1)
    await fast.store.put(['a'], '1', { title: 'blue', body: 'blue' }, { sync: 'wait' })
    read.release()
    await put.indexed
    await rig.current.expectInTandem()
    expect((await slow.store.stats()).index).toMatchObject({ reprojected: 1 })
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('what one process reads of another and writes to the index after its deletion is taken back', async () => {
    const [slow, fast] = [await rig.current.start(), await rig.current.start()]
    const read = slow.kv.hold('get')
    const put = await slow.store.put(['a'], '1', { title: 'red' })
    await read.reached
    clock.pass(1)
    await fast.store.put(['a'], '1', { title: 'blue' }, { sync: 'wait' })
    const again = slow.vectors.hold('replace')
    read.release()
    await again.reached
    await fast.store.delete(['a'], '1', { sync: 'wait' })
    again.release()
    await put.indexed
    expect(await rig.current.raw.points()).toEqual([])
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a document that another process has changed while this one was told of a conflict is projected by that one', async () => {
    const [slow, fast] = [await rig.current.start(), await rig.current.start()]
    const { version } = await slow.store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    clock.pass(1)
    await fast.store.put(['a'], '1', { title: 'blue' }, { ifVersion: version })
    await expect(slow.store.put(['a'], '1', { title: 'green' }, { ifVersion: version })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await fast.store.flush()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a process dies when what it read of another is on its way to the index, and that is deleted: recovery leaves nothing', async () => {
    const [slow, fast] = [await rig.current.start(), await rig.current.start()]
    const read = slow.kv.hold('get')
    await slow.store.put(['a'], '1', { title: 'red' })
    await read.reached
    clock.pass(1)
    // Its points come later, so that the other one embeds them too.
    const own = fast.vectors.hold('replace')
    await fast.store.put(['a'], '1', { title: 'blue' })
    await own.reached
    const again = slow.vectors.hold('replace')
    read.release()
    await again.reached
    own.release()
    await fast.store.flush()
    await fast.store.delete(['a'], '1', { sync: 'wait' })
    slow.crash()
    again.release()
    await rig.current.raw.points()
    clock.pass(11_000)
    await fast.store.recover()
    const { store } = await rig.current.start({ settleMs: 5000 })
    await store.recover()
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('what a process reads of another goes to the index only when an intent above it is written', async () => {
    const [slow, fast] = [await rig.current.start(), await rig.current.start()]
    const read = slow.kv.hold('get')
    await slow.store.put(['a'], '1', { title: 'red' })
    await read.reached
    clock.pass(1)
    const { version } = await fast.store.put(['a'], '1', { title: 'blue' }, { sync: 'wait' })
    const away = outage(() => new StoreError('UNAVAILABLE', 'It is away'))
    slow.kv.on('addIntents', away.behaviour, always)
    const sent = slow.vectors.callsOf('replace').length
    read.release()
    await rejection(slow.store.flush(), 'UNAVAILABLE')
    expect(slow.vectors.callsOf('replace')).toHaveLength(sent)
    away.end()
    const again = slow.vectors.hold('replace')
    const flushed = slow.store.flush()
    await again.reached
    const above = (await rig.current.raw.intents()).filter((intent) => intent.version > version)
    expect(above).toHaveLength(1)
    again.release()
    await flushed
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })
})
