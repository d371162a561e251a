import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['@tandemstore/test-chromium/setup'],
    testTimeout: 30_000,
  },
})
