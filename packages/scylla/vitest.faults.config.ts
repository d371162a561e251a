import { defineConfig } from 'vitest/config'

/** `pnpm test:faults`: a cluster of three nodes that are killed and frozen. Takes minutes, so it is not part of `test`. */
export default defineConfig({
  test: {
    include: ['test/faults/*.faults.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    provide: { cassandra: { skipped: 'the tests of faults start their own' } },
  },
})
