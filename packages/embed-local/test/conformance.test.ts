import { local } from '@tandemstore/embed-local'
import { embedderSuite } from '@tandemstore/testkit'

embedderSuite('static model', async () => ({ embedder: local() }))
embedderSuite('static model, 64 dimensions', async () => ({ embedder: local({ dimensions: 64 }) }))
