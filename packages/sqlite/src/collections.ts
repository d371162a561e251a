import { openForReading } from './open-file.js'

/** The names of the collections in the file of a store, in order. CONFIGURATION for a file that is none. */
export async function sqliteCollections(path: string | URL): Promise<string[]> {
  const handle = await openForReading(path, 5000)
  try {
    return handle
      .prepare('SELECT name FROM collection ORDER BY name')
      .all()
      .map(({ name }) => String(name))
  } finally {
    handle.close()
  }
}
