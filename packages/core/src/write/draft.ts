import { checkBoolean, checkDate, checkOptions, checkTtl, checkVersion } from '../api/arguments.js'
import type { PutManyDocument, PutOptions, SyncMode } from '../api/documents.js'
import { toRef } from '../document/namespace.js'
import { parsePath } from '../document/paths.js'
import { validateBySchema } from '../document/schema.js'
import { type CheckedValue, checkValue } from '../document/value.js'
import { invalid, StoreError } from '../errors.js'
import type { Directive, DocumentTexts } from '../indexing/point-maker.js'
import type { StoreContext } from '../open/context.js'
import type { DocumentRef, MaybePromise } from '../ports/common.js'
import type { WriteCondition } from '../ports/kv-records.js'

export type WriteOptions = Pick<PutOptions, 'ttlMs' | 'index' | 'ifAbsent' | 'ifVersion'>

const writeOptions = ['ttlMs', 'index', 'ifAbsent', 'ifVersion']
export const putOptions = [...writeOptions, 'sync', 'signal']
const timeFields = ['createdAt', 'updatedAt', 'expiresAt'] as const
const documentFields = ['namespace', 'key', 'value', ...writeOptions, ...timeFields]

/** UTF-16 units of JSON of a document whose texts may take longer to make than anybody should wait for. */
const LARGE = 131_072

/** The times that a document brings along. Milliseconds since the Unix epoch. */
export type BroughtTimes = { readonly [Name in (typeof timeFields)[number]]?: number | undefined }

/** A checked document before it has a version. Nothing of it changes with the caller's value. */
export interface Draft extends WriteOptions {
  readonly ref: DocumentRef
  /** The value as JSON. */
  readonly json: string
  readonly sync: SyncMode
  /**
   * What is to be embedded; `later`: to be made from the JSON. Absent where nothing is embedded now, or only once it
   * is stored.
   */
  readonly texts: DocumentTexts | 'later' | undefined
  readonly times: BroughtTimes | undefined
}

/** Checks the document of a putMany that is at `position`, from 0. A schema may need time. */
export function draftOfDocument(
  context: StoreContext,
  document: PutManyDocument<object>,
  position: number,
  sync: SyncMode,
): MaybePromise<Draft> {
  const at = `documents[${position}]`
  if (typeof document !== 'object' || document === null) throw invalid(at, 'a document: namespace, key and value')
  const ref = toRef(document.namespace, document.key, `${at}.`)
  checkOptions(document, documentFields, at)
  return draftOf(context, ref, document.value, document, at, sync, timesOf(document, at))
}

/** `undefined` where it brings none, as nearly all documents do. */
function timesOf(document: PutManyDocument<object>, at: string): BroughtTimes | undefined {
  const brought = timeFields.filter((name) => document[name] !== undefined)
  if (brought.length === 0) return undefined
  for (const name of brought) checkDate(document[name], `${at}.${name}`)
  return Object.fromEntries(brought.map((name) => [name, document[name]?.getTime()]))
}

/** Checks a document. `field`: how errors name the options. */
export function draftOf(
  context: StoreContext,
  ref: DocumentRef,
  value: unknown,
  options: WriteOptions,
  field: string,
  sync: SyncMode,
  times?: BroughtTimes,
): MaybePromise<Draft> {
  const { ttlMs, index, ifAbsent, ifVersion } = options
  checkTtl(ttlMs, `${field}.ttlMs`)
  checkBoolean(ifAbsent, `${field}.ifAbsent`)
  checkVersion(ifVersion, `${field}.ifVersion`)
  if (ifAbsent && ifVersion !== undefined) throw invalid(`${field}.ifVersion`, 'no ifAbsent beside it')
  if (index !== undefined && index !== false) {
    if (!Array.isArray(index)) throw invalid(`${field}.index`, 'false or a list of paths')
    index.forEach((path, i) => void parsePath(path, `${field}.index[${i}]`))
  }
  if (ifAbsent || ifVersion !== undefined) checkConditions(context, ref)
  const directive = index && [...index]
  const draft = (validated: unknown): Draft => {
    const checked = checkValue(validated, ref)
    const texts = textsOf(context, ref, checked, directive, sync)
    return { ref, json: checked.json, sync, texts, ttlMs, index: directive, ifAbsent, ifVersion, times }
  }
  if (context.schema === undefined) return draft(value)
  const validated = validateBySchema(context.schema, value, ref)
  return validated instanceof Promise ? validated.then(draft) : draft(validated)
}

/** NOT_SUPPORTED where the database cannot check conditions. */
export function checkConditions({ kvAdapter: { name, capabilities } }: StoreContext, ref: DocumentRef): void {
  if (capabilities.conditionalWrites) return
  throw new StoreError('NOT_SUPPORTED', `${name} cannot write on a condition`, { ...ref })
}

export function conditionOf(
  options: Pick<PutOptions, 'ifAbsent' | 'ifVersion'>,
  now: number,
): WriteCondition | undefined {
  if (options.ifAbsent) return { kind: 'absent', now }
  if (options.ifVersion !== undefined) return { kind: 'version', version: options.ifVersion, now }
  return undefined
}

/**
 * Hashing the texts is most of the work. A write that waits for room waits with that too, so that of many at once the
 * first begin sooner. Those of a large document are made once it is stored, in turns of the event loop: writes keep
 * the order in which they were made.
 */
function textsOf(
  { index, outbox }: StoreContext,
  ref: DocumentRef,
  { value, json }: CheckedValue,
  directive: Directive,
  sync: SyncMode,
): Draft['texts'] {
  if (index === undefined || sync === 'manual') return undefined
  if (json.length > LARGE && index.points.takesAll) return undefined
  return outbox.hasRoom ? index.points.make(ref, value, directive) : 'later'
}
