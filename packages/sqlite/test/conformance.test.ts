import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@tandemstore/sqlite'
import { kvBackendSuite, vectorIndexSuite } from '@tandemstore/testkit'

/** Both ports on a file of their own, which goes with its directory. */
async function onFile(): Promise<ReturnType<typeof sqlite> & { cleanup: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-conformance-'))
  const cleanup = () => rm(directory, { recursive: true })
  return { ...sqlite({ path: join(directory, 'store.db') }), cleanup }
}

kvBackendSuite('sqlite, a file', onFile)
vectorIndexSuite('sqlite, a file', onFile)
kvBackendSuite('sqlite, in memory', async () => sqlite({ path: ':memory:' }))
vectorIndexSuite('sqlite, in memory', async () => sqlite({ path: ':memory:' }))
