import { kvBackendSuite } from '@tandemstore/testkit'
import { scylla } from '../src/index.js'
import { connectionTo, describeWithDatabase, makeKeyspace } from './database.js'

describeWithDatabase('conformance', () => {
  kvBackendSuite('scylla', async () => {
    const { keyspace, drop } = await makeKeyspace()
    return { kv: scylla({ ...connectionTo(), keyspace }), cleanup: drop }
  })
})
