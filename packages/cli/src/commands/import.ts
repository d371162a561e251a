import { basename, extname, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Command, Option } from 'commander'
import { action, type Run, type StoreFlags, storeCommand } from '../command.js'
import { exitCodes, wrongUsage } from '../exit-codes.js'
import { namespace } from '../options.js'
import { count, plural } from '../output/format.js'
import { startProgress } from '../output/progress.js'
import { modelName } from '../source/choose-space.js'
import { findPlace } from '../source/find-place.js'
import { type NewSpace, type OpenedStore, openStore } from '../source/open-store.js'
import type { Place } from '../source/place.js'
import { Checkpoint, type ImportState } from '../transfer/checkpoint.js'
import { type FileVectors, fileVectors } from '../transfer/file-vectors.js'
import type { Header } from '../transfer/format.js'
import { checkPresence, importDocuments } from '../transfer/import-documents.js'
import type { Input, Shape } from '../transfer/incoming.js'
import { formatOf, type InputFormat, inputFormats, openInput } from '../transfer/open-input.js'

interface ImportFlags extends StoreFlags {
  readonly format?: InputFormat
  readonly namespace?: string[]
  readonly textField?: string
  readonly keyField?: string
  readonly keywords?: boolean
  readonly skipExisting?: boolean
  readonly vectors?: boolean
  readonly restart?: boolean
  readonly state?: string
  readonly check: boolean
}

/** Failures that are told one by one. */
const TOLD_FAILURES = 20
const NOTHING: ImportState = { position: 0, written: 0, skipped: 0, failed: 0 }

/** `tandem import`. */
export function importCommand(): Command {
  return storeCommand('import', 'Documents from an export, or from JSON lines, CSV, TSV or a folder of Markdown.')
    .argument('<path>', 'a file, a folder, or - for standard input')
    .addOption(new Option('--format <name>', 'default: by the kind and ending of the path').choices(inputFormats))
    .addOption(
      new Option('--namespace <path>', 'of what is no export; default: the name of the file').argParser(namespace),
    )
    .option('--text-field <name>', 'of what is no export: where the text is, which is what gets a vector')
    .option('--key-field <name>', 'of what is no export: where the key is (default: _id, id or key, else the line)')
    .option(
      '--keywords',
      'documents are found by words, too; tandem verify --repair --keywords gives words to those that were there',
    )
    .option('--skip-existing', 'leave documents alone that are there')
    .option('--vectors', 'insist on the vectors of the export, which are used anyway where the model is the same')
    .option('--state <file>', 'where to note how far it has come (default: beside the input)')
    .option('--restart', 'begin anew, whatever an earlier import has noted')
    .option('--no-check', 'do not look at the end whether every document is there')
    .action(action<ImportFlags, [string]>(importFrom))
}

async function importFrom(run: Run<ImportFlags>, path: string): Promise<number | undefined> {
  const { flags, out, signal } = run
  const format = flags.format ?? (await formatOf(path))
  const shape = shapeOf(flags, path, format)
  const input = await openInput(path, format, shape)
  const { header } = input
  const place = await findPlace(flags, { makes: header?.collection ?? 'documents' })
  if (flags.vectors && header?.space === undefined) throw wrongUsage(`${input.name} is no export with vectors`)
  const { opened, vectors } = await openTarget(place, flags, header, flags.field ?? shape.index)
  await using _ = opened
  const checkpoint = await checkpointOf(run, { input, shape, place })
  const from = (flags.restart ? undefined : await checkpoint?.read()) ?? NOTHING
  // Before anything is written, so that it is known at once if it cannot be noted.
  await checkpoint?.write(from)
  if (from.position > 0) out.note(`Going on after ${input.unit} ${count(from.position)}; --restart begins anew.`)
  const state = await write(run, { input, opened, vectors, from, checkpoint })
  const problems: string[] = []
  checkFooter(input, state, problems)
  if (flags.check && input.isRepeatable) {
    const { read, absent } = await checkPresence(opened.store, input, signal)
    if (absent > state.failed) problems.push(`${plural(absent, 'document')} of ${count(read)} are not in the store`)
  }
  await checkpoint?.remove()
  const used = vectors?.used() ?? 0
  const { written, skipped, failed } = state
  if (out.json) out.value({ collection: place.collection, written, skipped, failed, vectors: used, problems })
  else {
    const parts = [`Imported ${plural(written, 'document')} into ${place.name}`]
    if (used > 0) parts.push(`${count(used)} vectors came along`)
    if (skipped > 0) parts.push(`${count(skipped)} skipped`)
    if (failed > 0) parts.push(`${count(failed)} failed`)
    out.line(`${parts.join(', ')}.`)
  }
  for (const problem of problems) out.note(problem)
  return failed > 0 ? exitCodes.error : problems.length > 0 ? exitCodes.not : undefined
}

function shapeOf(
  { namespace: given, textField, keyField, config, field }: ImportFlags,
  path: string,
  format: InputFormat,
): Shape {
  const name = path === '-' ? 'imported' : basename(resolve(path), extname(path)) || 'imported'
  // A configuration says what is indexed; so does the collection, where nothing is said here.
  const text = textField === undefined ? undefined : [textField]
  const markdown = format === 'markdown' && config === undefined && field === undefined ? ['title', 'text'] : undefined
  return { namespace: given ?? [name], textField, keyField, index: text ?? markdown }
}

/** The store, and the vectors of the export where they are of its model. */
async function openTarget(
  place: Place,
  flags: ImportFlags,
  header: Header | undefined,
  fields: readonly string[] | undefined,
): Promise<{ readonly opened: OpenedStore; readonly vectors: FileVectors | undefined }> {
  const makes = place.vectors === undefined ? undefined : await newSpace(fields, header?.space)
  const space = header?.space
  const offered = space && fileVectors(space, place.configured?.cache)
  const index = place.vectors === undefined ? 'none' : 'model'
  const isExport = header !== undefined
  const opened = await openStore(place, {
    flags,
    index,
    addsKeywords: flags.keywords,
    makes,
    cache: offered?.cache,
    keepsTtl: !isExport,
  })
  const isSame =
    space !== undefined && opened.space !== undefined && isDeepStrictEqual(plain(space), plain(opened.space))
  if (flags.vectors && space !== undefined && !isSame) {
    await opened[Symbol.asyncDispose]()
    const own = opened.space === undefined ? 'has no vectors' : `has those of ${modelName(opened.space)}`
    throw wrongUsage(
      `The vectors of the export are of ${modelName(space)}, and ${place.name} ${own}: leave --vectors out to embed`,
    )
  }
  return { opened, vectors: isSame ? offered : undefined }
}

function plain({ model }: NewSpace): unknown {
  return JSON.parse(JSON.stringify(model))
}

/** What a collection without vectors is given: the model of the export, else the one that needs no key. */
async function newSpace(
  fields: readonly string[] = ['$'],
  exported: NewSpace | undefined = undefined,
): Promise<NewSpace> {
  if (exported?.index !== undefined) return exported
  const { local } = await import('@tandemstore/embed-local')
  const { model, dimensions } = local()
  const index = { fields, filterable: {}, onTooLong: 'chunk' as const }
  return { model: { ...model }, dimensions, metric: 'cosine', ...exported, index }
}

async function checkpointOf(
  { flags }: Run<ImportFlags>,
  { input, shape, place }: { readonly input: Input; readonly shape: Shape; readonly place: Place },
): Promise<Checkpoint | undefined> {
  const identity = await input.identity()
  if (identity === undefined) return undefined
  const file = flags.state ?? `${resolve(input.name)}.import`
  const target = JSON.stringify([place.name, place.collection])
  return new Checkpoint(file, { input: `${identity} ${JSON.stringify(shape)}`, target })
}

interface Write {
  readonly input: Input
  readonly opened: OpenedStore
  readonly vectors: FileVectors | undefined
  readonly from: ImportState
  readonly checkpoint: Checkpoint | undefined
}

async function write({ flags, out, signal }: Run<ImportFlags>, work: Write): Promise<ImportState> {
  const { input, opened, vectors, from, checkpoint } = work
  const progress = startProgress('Importing')
  let told = 0
  try {
    return await importDocuments({
      store: opened.store,
      input,
      from,
      vectors,
      skipExisting: flags.skipExisting ?? false,
      signal,
      async onDone(state) {
        progress.update(dealtWith(state) - dealtWith(from), input.share())
        await checkpoint?.write(state)
      },
      onFailure({ position, reason }) {
        told += 1
        if (told <= TOLD_FAILURES) out.note(`${input.unit} ${position}: ${reason}`)
        else if (told === TOLD_FAILURES + 1) out.note('More failures are only counted.')
      },
    })
  } catch (error) {
    if (checkpoint !== undefined) out.note('What was imported stays. The same command goes on where this one ended.')
    throw error
  } finally {
    progress.end()
  }
}

/** An export without its last line was broken off, and one with fewer documents than that says was changed. */
function checkFooter(input: Input, state: ImportState, problems: string[]): void {
  if (input.header === undefined) return
  const footer = input.footer()
  const read = dealtWith(state)
  if (footer === undefined) problems.push(`${input.name} ends before its last line: it is not whole`)
  else if (footer.documents !== read)
    problems.push(
      `${input.name} says that it holds ${plural(footer.documents, 'document')}, and there are ${count(read)}`,
    )
}

function dealtWith({ written, skipped, failed }: ImportState): number {
  return written + skipped + failed
}
