import { local } from '@tandemstore/embed-local'
import { embedderSuite } from '@tandemstore/testkit'

embedderSuite('Universal Sentence Encoder lite', async () => {
  const embedder = local()
  return { embedder, cleanup: () => embedder.close() }
})
