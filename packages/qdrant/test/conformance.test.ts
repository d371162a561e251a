import { vectorIndexSuite } from '@tandemstore/testkit'
import { describe } from 'vitest'
import { scratch, service } from './scratch.js'

describe.skipIf(service === undefined)(`on a Qdrant found by way of: ${service?.way}`, () => {
  const { index } = scratch('conformance')
  vectorIndexSuite('qdrant', async () => ({ vectors: index() }))
})
