import { writeSync } from 'node:fs'
import { openNotes } from '../stores.ts'

/** Writes pairs of notes to notes.db of a folder, one of each after the other, and says each number when it is durable. */
const store = await openNotes(process.argv[2] as string)
for (let i = 0; ; i += 1) {
  await store.put(['pairs', 'first'], `k${i}`, { title: `note ${i}` })
  await store.put(['pairs', 'second'], `k${i}`, { title: `note ${i}` })
  writeSync(1, `${i}\n`)
}
