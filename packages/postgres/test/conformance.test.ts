import { kvBackendSuite, vectorIndexSuite } from '@tandemstore/testkit'
import { describe, inject } from 'vitest'
import { inProcess, onServer } from './databases.js'

kvBackendSuite('postgres, PGlite', inProcess)
vectorIndexSuite('postgres, PGlite', inProcess)

const server = inject('postgres')
describe.skipIf(server === undefined)('on a server', () => {
  kvBackendSuite('postgres, a server', onServer)
  vectorIndexSuite('postgres, a server', onServer)
})
