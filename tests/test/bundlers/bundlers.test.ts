import { join } from 'node:path'
import * as esbuild from 'esbuild'
import * as vite from 'vite'
import { describe, expect, test } from 'vitest'
import webpack from 'webpack'
import { outcomeOf, projectFolder, unbundled } from '../../src/bundles.ts'

/** Bundles a program in its folder, without the packages that are external. Gives the file to run. */
type Bundle = (name: string, external: readonly string[]) => Promise<string>

/** What a CommonJS package needs in an ES module. */
const makeRequire =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"

const withEsbuild =
  (format: 'esm' | 'cjs'): Bundle =>
  async (name, external) => {
    const { entry, out } = projectFolder(name)
    const outfile = join(out, format === 'esm' ? 'main.mjs' : 'main.cjs')
    await esbuild.build({
      ...{ entryPoints: [entry], outfile, bundle: true, platform: 'node', format, logLevel: 'silent' },
      external: [...external],
      ...(format === 'esm' ? { banner: { js: makeRequire } } : {}),
    })
    return outfile
  }

const withVite: Bundle = async (name, external) => {
  const { entry, out } = projectFolder(name)
  await vite.build({
    ...{ configFile: false, logLevel: 'silent', root: join(entry, '..') },
    build: { ssr: entry, outDir: out, emptyOutDir: true, rolldownOptions: { output: { entryFileNames: 'main.mjs' } } },
    ssr: { noExternal: true, external: [...external] },
  })
  return join(out, 'main.mjs')
}

const withWebpack: Bundle = async (name, external) => {
  const { entry, out } = projectFolder(name)
  const compiler = webpack({
    ...{ mode: 'production', target: 'node22', entry, devtool: false },
    output: { path: out, filename: 'main.cjs', library: { type: 'commonjs2' } },
    // As Next.js does with serverExternalPackages.
    externals: Object.fromEntries(external.map((each) => [each, `import ${each}`])),
  })
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) =>
    compiler.run((error, result) => (error ? reject(error) : resolve(result))),
  )
  await new Promise<void>((resolve) => compiler.close(() => resolve()))
  if (stats?.hasErrors()) throw new Error(stats.toString('errors-only'))
  return join(out, 'main.cjs')
}

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
