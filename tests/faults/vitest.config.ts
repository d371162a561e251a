import { defineConfig } from 'vitest/config'
import { FaultReport } from './report.ts'

/** `npm run test:faults`: processes that are killed and databases that go away. Takes minutes, so it is not part of `npm test`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.faults.ts'],
    globalSetup: ['global-setup.ts'],
    // Every file has the databases to itself.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 300_000,
    reporters: ['default', new FaultReport()],
  },
})
