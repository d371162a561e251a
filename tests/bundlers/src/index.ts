import { join } from 'node:path'
import * as esbuild from 'esbuild'
import * as vite from 'vite'
import webpack from 'webpack'
import { projectFolder } from './program.ts'

export { outcomeOf, unbundled } from './program.ts'

/** Bundles the program in a folder of that name, without the packages that are external. Gives the file to run. */
export type Bundle = (name: string, external: readonly string[]) => Promise<string>

/** What a CommonJS package needs in an ES module. */
const makeRequire =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"

export const withEsbuild =
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

export const withVite: Bundle = async (name, external) => {
  const { entry, out } = projectFolder(name)
  await vite.build({
    ...{ configFile: false, logLevel: 'silent', root: join(entry, '..') },
    build: { ssr: entry, outDir: out, emptyOutDir: true, rolldownOptions: { output: { entryFileNames: 'main.mjs' } } },
    ssr: { noExternal: true, external: [...external] },
  })
  return join(out, 'main.mjs')
}

export const withWebpack: Bundle = async (name, external) => {
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
