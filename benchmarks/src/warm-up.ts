import type { Databases } from './databases.ts'
import { instantEmbedder, makeDocuments } from './documents.ts'

const DOCUMENTS = 5000
const CALLS = 1500
/** In tables of its own: those that are measured shall hold no more of one side than of the other. */
const COLLECTION = 'warm'

/** Writes and reads until Java has compiled what they need, which takes tens of thousands of them: until then it is Java's compiler that is measured. */
export async function warmUp(databases: Databases, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const prefix = `warm${round}_`
    const store = await databases.openStore({ prefix, embedder: instantEmbedder, collection: COLLECTION })
    await store.putMany(makeDocuments(prefix, DOCUMENTS))
    await store.flush()
    for (const { namespace, key, value } of makeDocuments(`${prefix}one`, CALLS)) {
      await store.put(namespace, key, value)
      await store.get(namespace, key)
    }
    await store.close()
    await databases.dropCollections(prefix)
  }
}
