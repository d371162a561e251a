import { kvBackendSuite } from '@tandemstore/testkit'
import { adapterName } from '../src/index.js'

kvBackendSuite('adapter-name', async () => ({ kv: adapterName({ url: 'adapter-name://localhost/conformance' }) }))
