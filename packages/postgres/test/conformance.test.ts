import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { kvBackendSuite, vectorIndexSuite } from '@tandemstore/testkit'
import { postgres } from '../src/index.js'

async function inProcess() {
  const client = await PGlite.create({ extensions: { vector } })
  return { ...postgres({ client }), cleanup: () => client.close() }
}

kvBackendSuite('postgres, PGlite', inProcess)
vectorIndexSuite('postgres, PGlite', inProcess)
