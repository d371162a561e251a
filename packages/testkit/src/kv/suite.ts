import type { KVBackend } from '@tandemstore/core/adapter'
import { observe } from '../shared/calls.js'
import type { Check } from '../shared/check.js'
import { describeChecks, type Opened, type SuiteOptions } from '../shared/describe-checks.js'
import { conditionChecks } from './conditions.js'
import { type KVContext, openKV } from './context.js'
import { documentChecks } from './documents.js'
import { expiryChecks } from './expiry.js'
import { handleChecks } from './handles.js'
import { intentChecks } from './intents.js'
import { intentsWithWritesChecks } from './intents-with-writes.js'
import { listingChecks } from './listing.js'
import { namespaceChecks } from './namespaces.js'
import { prefixChecks } from './prefixes.js'
import { recordChecks } from './records.js'
import { versionChecks } from './versions.js'

/** By topic, every check of the port. */
export const kvChecks: Readonly<Record<string, readonly Check<KVContext>[]>> = {
  documents: documentChecks,
  versions: versionChecks,
  prefixes: prefixChecks,
  conditions: conditionChecks,
  listing: listingChecks,
  namespaces: namespaceChecks,
  expiry: expiryChecks,
  intents: intentChecks,
  'intents with writes': intentsWithWritesChecks,
  records: recordChecks,
  handles: handleChecks,
}

/**
 * Describes the conformance tests of a KVBackend. `make` is called once, before the tests; the tests open about ten
 * collections with names of their own (`t_` and ten hexadecimal digits), which `cleanup`, called after the last one
 * is closed, may delete.
 */
export function kvBackendSuite(
  name: string,
  make: () => Promise<{ readonly kv: KVBackend; readonly cleanup?: () => Promise<void> | void }>,
  options: SuiteOptions = {},
): void {
  const open = async (): Promise<Opened<KVContext>> => {
    const made = await make()
    const observed = observe(made.kv, 'KVBackend', 'KVCollection')
    const { context, close } = await openKV(observed.port)
    return {
      context,
      observed,
      async close() {
        try {
          await close()
        } finally {
          await made.cleanup?.()
        }
      },
    }
  }
  describeChecks(`KVBackend: ${name}`, kvChecks, open, options)
}
