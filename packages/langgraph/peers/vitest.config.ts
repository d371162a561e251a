import { join, relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { suites } from './suites.ts'

const folder = process.env.TANDEM_PEERS_FOLDER ?? ''
const name = process.env.TANDEM_PEERS_SUITE ?? ''
const suite = suites.find((each) => each.name === name)
if (suite === undefined) throw new Error(`There is no suite ${name}`)
const leftOut = Object.keys(suite.leftOut).map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))

/** Runs one suite of the official stores, which main.ts has put into a folder. */
export default defineConfig({
  plugins: [
    {
      name: 'stand-ins',
      enforce: 'pre',
      resolveId: (source, importer) =>
        importer !== undefined && !relative(folder, importer).startsWith('..') && suite.replaces.includes(source)
          ? join(import.meta.dirname, 'stand-ins.ts')
          : undefined,
    },
  ],
  test: {
    root: join(import.meta.dirname, '..'),
    dir: folder,
    include: [join(folder, '*.test.ts')],
    ...(leftOut.length === 0 ? {} : { testNamePattern: new RegExp(`^(?!${leftOut.join('|')})`) }),
    env: { TEST_POSTGRES_URL: 'postgresql://stand-in/db' },
    testTimeout: 30_000,
  },
})
