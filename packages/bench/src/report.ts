import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, release, totalmem, type } from 'node:os'
import { dirname } from 'node:path'
import type { Json } from '@tandemstore/core'
import { renderPage } from './page/page.js'
import type { Machine, Report, ReportBase } from './result.js'

export interface ReportBaseInput {
  readonly startedAt: Date
  readonly seed: number
  /** Without keys and passwords: it is published with the report. */
  readonly configuration: Json
  readonly warnings: readonly string[]
  /** Programs that took part, such as databases, with their versions. Packages of Tandem are found here. */
  readonly versions?: Readonly<Record<string, string>>
}

/** What every report says of its run, once that has ended. */
export async function reportBase(input: ReportBaseInput): Promise<ReportBase> {
  const { startedAt, seed, configuration, warnings, versions = {} } = input
  return {
    format: 'tandem-bench',
    formatVersion: 1,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    seed,
    machine: machine(),
    versions: { ...(await packageVersions()), ...versions },
    configuration,
    warnings,
  }
}

function machine(): Machine {
  const cores = cpus()
  return {
    os: `${type()} ${release()}`,
    processor: cores[0]?.model.trim() || process.arch,
    cores: cores.length,
    memoryBytes: totalmem(),
    node: process.version,
  }
}

const packages = [
  'bench', 'core', 'sqlite', 'scylla', 'qdrant', 'cache-lru', 'embed-local', 'embed-transformers', 'embed-openai', 'embed-gemini', 'embed-ai-sdk',
].map((name) => `@tandemstore/${name}`) // biome-ignore format: a list

/** Of the packages of Tandem that are installed. */
export async function packageVersions(): Promise<Record<string, string>> {
  const require = createRequire(import.meta.url)
  const found = await Promise.all(
    packages.map(async (name) => {
      let path: string
      try {
        path = require.resolve(`${name}/package.json`)
      } catch {
        return [] // An optional package that is not installed.
      }
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
      return [[name, version] as const]
    }),
  )
  return Object.fromEntries(found.flat())
}

/** Writes a report where it is wanted, making folders as need be, and says on standard error where it went. */
export async function writeReport(
  report: Report,
  { json, html }: { readonly json?: string | undefined; readonly html?: string | undefined },
): Promise<void> {
  const files = [
    ...(json === undefined ? [] : [[json, `${JSON.stringify(report, null, 2)}\n`] as const]),
    ...(html === undefined ? [] : [[html, renderPage(report)] as const]),
  ]
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    process.stderr.write(`Written: ${path}\n`)
  }
}
