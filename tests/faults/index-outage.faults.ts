import { setTimeout as wait } from 'node:timers/promises'
import { createStore, type Receipt, StoreError } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { openRaw } from '../src/raw.ts'
import { expectInTandem } from './compare.ts'
import { connect, deleteEverything, newConnection } from './databases.ts'
import { fields } from './programs/lines.ts'
import { type Outage, type Proxy, startProxy } from './proxy.ts'
import { tell } from './report.ts'
import { ingested, outageMs } from './scale.ts'
import { describeWithServices } from './services.ts'
import { inWindow } from './window.ts'

const outages: readonly Outage[] = ['refuses', 'swallows']

describeWithServices('the index is away in the middle of an ingest', ({ cassandra, qdrant }) => {
  const direct = newConnection(cassandra, qdrant)
  let proxy: Proxy
  beforeEach(async () => {
    proxy = await startProxy(qdrant)
  })
  afterEach(() => proxy.close())
  afterAll(() => deleteEverything(direct))

  test.each(outages)(`for ${outageMs / 1000} s and %s: nothing acknowledged is lost, and all heals by itself`, async (outage) => {
    // Filled in below.
    void outage
  })
})
void [wait, createStore, StoreError, fakeEmbedder, openRaw, expectInTandem, connect, fields, tell, ingested, inWindow]
export type { Receipt }
void expect
