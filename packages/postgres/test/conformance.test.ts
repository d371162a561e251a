import { kvBackendSuite, vectorIndexSuite } from '@tandemstore/testkit'
import { describe, inject } from 'vitest'
import { inProcess, onServer } from './databases.js'

kvBackendSuite('postgres, PGlite', inProcess)
vectorIndexSuite('postgres, PGlite', inProcess)
vectorIndexSuite('postgres, PGlite, approximate', async () => {
  const { another, cleanup } = await inProcess()
  return { ...another({ search: 'approximate' }), cleanup }
})

const server = inject('postgres')
describe.skipIf(server === undefined)('on a server', () => {
  kvBackendSuite('postgres, a server', onServer)
  vectorIndexSuite('postgres, a server', onServer)
  vectorIndexSuite('postgres, a server, approximate', async () => {
    const { another, cleanup } = await onServer()
    return { ...another({ search: 'approximate' }), cleanup }
  })
})
