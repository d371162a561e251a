// Compiles src/scan/kernel.wat into src/scan/kernel-binary.ts: `node scripts/build-kernel.ts`. Run it after each change of the source.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

const source = new URL('../src/scan/kernel.wat', import.meta.url)
const target = new URL('../src/scan/kernel-binary.ts', import.meta.url)

/** The module as base64. */
export async function compileKernel(): Promise<string> {
  const module = (await wabt()).parseWat('kernel.wat', readFileSync(source, 'utf8'), { simd: true })
  module.validate()
  return Buffer.from(module.toBinary({}).buffer).toString('base64')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = (await compileKernel()).match(/.{1,110}/g) ?? []
  const text = lines.map((line) => `  '${line}'`).join(' +\n')
  writeFileSync(
    target,
    `/** kernel.wat, compiled by scripts/build-kernel.ts: WebAssembly as base64. */\nexport const kernelBinary =\n${text}\n`,
  )
}
