import { type Bundle, outcomeOf, unbundled, withEsbuild, withVite, withWebpack } from '@tandemstore/test-bundlers'
import { describe, expect, test } from 'vitest'

describe.each<[string, Bundle]>([
  ['esbuild-esm', withEsbuild('esm')],
  ['esbuild-cjs', withEsbuild('cjs')],
  ['vite-ssr', withVite],
  ['webpack', withWebpack],
])('the program of the README, bundled by %s', (bundler, bundle) => {
  test('works with the packages that have files of their own left out', async () => {
    expect(await outcomeOf(await bundle(`${bundler}-external`, unbundled))).toEqual({ found: 'drink' })
  })

  // One after the other: the first that fails would hide the other.
  test.each(unbundled)('and %s with it, works or says at once what mends it', async (inside) => {
    const external = unbundled.filter((name) => name !== inside)
    const outcome = await outcomeOf(await bundle(`${bundler}-${inside.split('/')[1]}`, external))
    if (outcome.found === undefined) {
      expect(outcome).toMatchObject({ name: 'StoreError', code: 'CONFIGURATION' })
      expect(outcome.message).toContain(inside)
      expect(outcome.message).toMatch(/external|local\(\{ data \}\)/)
    } else expect(outcome).toEqual({ found: 'drink' })
  })
})
