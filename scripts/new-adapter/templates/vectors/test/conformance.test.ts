import { vectorIndexSuite } from '@tandemstore/testkit'
import { adapterName } from '../src/index.js'

vectorIndexSuite('adapter-name', async () => ({ vectors: adapterName({ url: 'adapter-name://localhost/conformance' }) }))
