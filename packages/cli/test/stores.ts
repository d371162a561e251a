import { join } from 'node:path'
import { createStore, type PutManyDocument, type Store, type StoreOptions } from '@tandemstore/core'
import { local } from '@tandemstore/embed-local'
import { sqlite } from '@tandemstore/sqlite'

/** A store of notes in a file, as an application would have it. */
export function openNotes(folder: string, options: Partial<StoreOptions> = {}, file = 'notes.db'): Promise<Store> {
  return createStore({
    collection: 'notes',
    ...sqlite({ path: join(folder, file) }),
    embedder: local(),
    index: { fields: ['title', 'body'], filterable: { lang: 'keyword', at: 'datetime' } },
    sync: 'wait',
    ...options,
  })
}

export const notes: readonly PutManyDocument[] = [
  {
    namespace: ['users', '1'],
    key: 'tea',
    value: { title: 'Green tea', body: 'Steep it for two minutes', lang: 'en' },
  },
  { namespace: ['users', '1'], key: 'bike', value: { title: 'Bicycle', body: 'It is at the repair shop', lang: 'en' } },
  {
    namespace: ['users', '1', 'old'],
    key: 'tee',
    value: { title: 'Tee', body: 'Zwei Minuten ziehen lassen', lang: 'de' },
  },
  { namespace: ['users', '10'], key: 'tea', value: { title: 'Black tea', body: 'Four minutes', lang: 'en' } },
  { namespace: ['a/b'], key: 'k', value: { title: 'A label with a slash' } },
  { namespace: ['users', '1'], key: 'hidden', value: { title: 'Not to be found' }, index: false },
]

/** Fills the file with the notes, and closes it. */
export async function fillNotes(folder: string, documents: readonly PutManyDocument[] = notes): Promise<void> {
  await using store = await openNotes(folder)
  const { failed } = await store.putMany(documents)
  if (failed.length > 0) throw failed[0]?.error
}
