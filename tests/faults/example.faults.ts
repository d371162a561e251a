import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { describeWithServices } from './services.ts'

const program = join(import.meta.dirname, '../../examples/scylla-qdrant/src/main.ts')

describeWithServices('the example for ScyllaDB and Qdrant', ({ cassandra, qdrant }) => {
  test('does all that it says', async () => {
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        TANDEM_SCYLLA: cassandra.contactPoints[0],
        TANDEM_SCYLLA_DC: cassandra.localDataCenter,
        TANDEM_QDRANT_URL: qdrant.url,
        ...(qdrant.apiKey === undefined ? {} : { TANDEM_QDRANT_API_KEY: qdrant.apiKey }),
        TANDEM_QDRANT_WAY: 'url',
      },
    })
    const [output, exit] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect(exit, output).toEqual([0, null])
    expect(output).toMatch(/9 written, 0 failed, 9 searchable/)
    expect(output).toMatch(/users\/ada {2}Prefers green tea/)
    expect(output).toMatch(/users\/ben {2}Drinks espresso/)
    expect(output).toMatch(/a second change of the same version: CONFLICT\n.*hot chocolate/)
    expect(output).toMatch(/found at first: true; found after 1500 ms: false/)
    expect(output).toMatch(/left behind: 1; recovered: 1\n.*old maps/)
    expect(output).toMatch(/\{"checked":10,"missing":0,"stale":0,"orphaned":0,"repaired":0\}/)
    expect(output).toMatch(/found: 0; \{"checked":0,"missing":0,"stale":0,"orphaned":0,"repaired":0\}/)
  })
})
