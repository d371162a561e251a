#!/usr/bin/env node
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { BaseStore } from '@langchain/langgraph-checkpoint'
import { StoreError } from '@tandemstore/core/adapter'
import { CopyState } from './copy-state.js'
import { type CopyProgress, copyStore } from './copy-store.js'

const USAGE = `Copies the items of one store of LangGraph into another, such as a TandemStore.

  tandem-langgraph copy --from old-store.mjs --to new-store.mjs [--state copy.jsonl] [--page-size 1000]

  --from, --to   modules whose default export is a store, or a function that gives one
  --state        where it notes how far it has come; run again, it goes on from there
  --page-size    items read and written at a time (default 1000)
`
const PROGRESS_MS = 1000

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  let given: ReturnType<typeof parse>
  try {
    given = parse(args)
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`)
    return 2
  }
  const { from, to, state, help, 'page-size': pageSize } = given.values
  if (help) {
    process.stdout.write(USAGE)
    return 0
  }
  if (given.positionals.join(' ') !== 'copy' || from === undefined || to === undefined) {
    process.stderr.write(USAGE)
    return 2
  }
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort())
  try {
    await copy(from, to, state, pageSize, stopping.signal)
    return 0
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`)
    if (state !== undefined) process.stderr.write(`Run it again to go on from ${state}.\n`)
    return stopping.signal.aborted ? 130 : 1
  }
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      state: { type: 'string' },
      'page-size': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}

async function copy(
  from: string,
  to: string,
  path: string | undefined,
  pageSize: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const state = path === undefined ? undefined : new CopyState(path)
  const positions = await state?.read()
  const [source, target] = [await load(from), await load(to)]
  try {
    let toldAt = 0
    const { namespaces, items } = await copyStore(source, target, {
      ...(pageSize === undefined ? {} : { pageSize: Number(pageSize) }),
      from: positions,
      onPosition: (position) => state?.append(position),
      onProgress: (progress) => {
        if (performance.now() - toldAt < PROGRESS_MS) return
        toldAt = performance.now()
        tell(progress)
      },
      signal,
    })
    tell({ namespaces, items })
  } finally {
    await source.stop()
    await target.stop()
  }
}

function tell({ namespaces, items }: CopyProgress): void {
  process.stderr.write(
    `${items.toLocaleString('en')} items copied, ${namespaces.toLocaleString('en')} namespaces done\n`,
  )
}

async function load(path: string): Promise<BaseStore> {
  const module = await import(pathToFileURL(resolve(path)).href)
  const store: unknown = typeof module.default === 'function' ? await module.default() : module.default
  if (typeof (store as Partial<BaseStore> | undefined)?.batch === 'function') return store as BaseStore
  throw new Error(`The default export of ${path} is no store, and no function that gives one`)
}

function messageOf(error: unknown): string {
  if (StoreError.isInstance(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
