import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownMark, parseMark, stateOf } from './run-mark.js'

const PREFIX = 'tandem-bench-'
const MARK = 'tandem-bench-run.json'

/**
 * A folder for files of this run alone, under the system's folder for such. Deletes those that killed runs of this
 * machine left there.
 */
export async function makeOwnFolder(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  await removeAbandoned()
  const folder = await mkdtemp(join(tmpdir(), PREFIX))
  await writeFile(join(folder, MARK), JSON.stringify(ownMark()))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(tmpdir(), name)
    try {
      // What others made is not ours to delete, nor to follow.
      if ((await stat(folder)).uid !== process.getuid?.()) continue
      const mark = parseMark(await readFile(join(folder, MARK), 'utf8'))
      if (mark !== undefined && stateOf(mark) === 'ended') await rm(folder, { recursive: true, force: true })
    } catch (error) {
      // Another run was faster, or the mark is not there (yet).
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
}
