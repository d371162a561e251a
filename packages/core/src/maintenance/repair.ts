import type { StoreError } from '../errors.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { DocumentRef, Version } from '../ports/common.js'

/** A document whose points are to be made again. */
export interface Repair {
  readonly ref: DocumentRef
  /** Versions of points that have to give way, or else the document's own; one after the other. */
  readonly versions: readonly Version[]
}

/** Projects documents as the KV holds them, through intents, as a write would be. Returns how many are right now. */
export async function repairDocuments(
  context: StoreContext,
  index: IndexContext,
  repairs: readonly Repair[],
): Promise<number> {
  const results = await Promise.all(repairs.map((repair) => repairDocument(context, index, repair)))
  return results.filter((repaired) => repaired).length
}

async function repairDocument(
  { kv }: StoreContext,
  { projector, record }: IndexContext,
  { ref, versions }: Repair,
): Promise<boolean> {
  for (const version of versions) {
    const intents = [{ kind: 'document' as const, ...ref, version, space: record.name }]
    await kv.addIntents(intents)
    const repaired = await new Promise<boolean>((resolve) => {
      const settle = (error?: StoreError): void => resolve(error === undefined)
      const init = {
        ref,
        version,
        intents,
        confirmed: true,
        mayHavePoints: true,
        toldByPut: true,
        settle,
        delayed: settle,
      }
      projector.submit([projector.accept(init)])
    })
    if (!repaired) return false
  }
  return true
}
