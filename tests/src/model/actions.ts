import type { DocumentRef, SyncMode } from '@tandemstore/core'
import fc from 'fast-check'
import type { Content } from './model.ts'

/** One thing that happens to a store. Plain data, so that a counterexample can be read. */
export type Action =
  | {
      readonly do: 'put'
      readonly ref: DocumentRef
      readonly content: Content
      readonly sync: SyncMode | undefined
      readonly condition: 'absent' | 'version' | 'stale' | undefined
    }
  | {
      readonly do: 'putMany'
      readonly items: readonly { readonly ref: DocumentRef; readonly content: Content }[]
      readonly sync: SyncMode | undefined
    }
  | { readonly do: 'delete'; readonly ref: DocumentRef; readonly condition: 'version' | undefined }
  | { readonly do: 'deleteMany'; readonly refs: readonly DocumentRef[] }
  | { readonly do: 'deleteNamespace'; readonly prefix: readonly string[] }
  | { readonly do: 'together'; readonly actions: readonly Action[] }
  | { readonly do: 'read'; readonly ref: DocumentRef; readonly refreshTtl: boolean }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'flush' }
  /** Not after every step, as a search mends what it meets. */
  | { readonly do: 'search' }
  | { readonly do: 'recover' }
  /** `toggles`: with words where there were none, or without. */
  | { readonly do: 'reopen'; readonly toggles: boolean }
  /** The actions begin, the process gets so many turns of the event loop, and dies. */
  | { readonly do: 'crash'; readonly actions: readonly Action[]; readonly turns: number }
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'land' }

export interface Fault {
  readonly at: 'kv' | 'vectors' | 'embedder'
  readonly method: string
  /**
   * `passing`: fails once in a way that is tried again. `lost`: takes effect, and its answer is lost, so that it is tried again. `echo`: fails so
   * that it is tried again, and takes effect once more later. `before`, `after`: fails for good, before or after it took effect. `late`: fails
   * for good and takes effect later. `down`: fails so often that it is given up for now.
   */
  readonly kind: 'passing' | 'lost' | 'echo' | 'before' | 'after' | 'late' | 'down'
}

const labels = ['a', 'ab', 'b', 'a/b', '%', '\u{1f600}']
const namespace = fc.array(fc.constantFrom(...labels), { minLength: 1, maxLength: 2 })
const ref: fc.Arbitrary<DocumentRef> = fc.oneof(
  // Few, so that writes meet.
  {
    weight: 3,
    arbitrary: fc.record({ namespace: fc.constantFrom(['a'], ['a', 'b'], ['ab']), key: fc.constantFrom('1', '2') }),
  },
  { weight: 1, arbitrary: fc.record({ namespace, key: fc.constantFrom('1', '2', 'é', "'") }) },
)

/** Few texts, so that the same come again and vectors are kept; the serial number is not embedded. */
export const words = ['red', 'green', 'blue', 'long', 'grey', 'text']
const text = fc.constantFrom('red', 'green', 'blue', 'a long grey text', '')
const content: fc.Arbitrary<Content> = fc.record({
  title: text,
  body: fc.option(text, { nil: undefined }),
  index: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(false as const) },
    { weight: 1, arbitrary: fc.constant(['body']) },
  ),
  ttlMs: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(50, 1000, 20_000) },
  ),
})
const sync = fc.constantFrom<(SyncMode | undefined)[]>(undefined, undefined, 'wait', 'manual')

const put = fc.record({
  do: fc.constant('put' as const),
  ref,
  content,
  sync,
  condition: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constantFrom('absent' as const, 'version' as const, 'stale' as const) },
  ),
})
const putMany = fc.record({
  do: fc.constant('putMany' as const),
  items: fc.array(fc.record({ ref, content }), { minLength: 1, maxLength: 8 }),
  sync,
})
const del = fc.record({
  do: fc.constant('delete' as const),
  ref,
  condition: fc.constantFrom(undefined, undefined, 'version' as const),
})
const deleteMany = fc.record({
  do: fc.constant('deleteMany' as const),
  refs: fc.array(ref, { minLength: 1, maxLength: 4 }),
})
const deleteNamespace = fc.record({ do: fc.constant('deleteNamespace' as const), prefix: namespace })
const write: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: put },
  { weight: 2, arbitrary: putMany },
  { weight: 3, arbitrary: del },
  { weight: 1, arbitrary: deleteMany },
  { weight: 1, arbitrary: deleteNamespace },
)
const writes = fc.array(write, { minLength: 2, maxLength: 6 })

const faultAt = (at: Fault['at'], methods: readonly string[], kinds: readonly Fault['kind'][]): fc.Arbitrary<Fault> =>
  fc.record({ at: fc.constant(at), method: fc.constantFrom(...methods), kind: fc.constantFrom(...kinds) })
const fault = fc.oneof(
  faultAt('kv', ['put', 'put', 'delete', 'deletePrefix'], ['passing', 'lost', 'echo', 'before', 'after', 'late']),
  faultAt('kv', ['addIntents', 'removeIntents', 'touch'], ['passing', 'lost', 'echo', 'before', 'after']),
  faultAt('kv', ['get'], ['passing']),
  // A `replace` that takes effect after a deletion leaves points that only a search or verify finds.
  faultAt('vectors', ['replace', 'replace', 'get'], ['passing', 'lost', 'before', 'after']),
  faultAt('vectors', ['deletePrefix'], ['passing', 'lost', 'echo', 'before', 'after']),
  faultAt('embedder', ['embed'], ['passing', 'before', 'down']),
)

export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: write },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('together' as const), actions: writes }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), ref, refreshTtl: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 60, 1500, 25_000) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'flush' as const }) },
  { weight: 4, arbitrary: fc.constant({ do: 'search' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'recover' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const), toggles: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), actions: writes, turns: fc.nat(12) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fault' as const), fault }) },
  { weight: 1, arbitrary: fc.constant({ do: 'land' as const }) },
)
