import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sqlite } from '@tandemstore/sqlite'
import { expect, test } from 'vitest'
import { type Answer, type Command, collection, fields } from '../../programs/contend-messages.ts'
import { temporaryDirectory } from '../../src/backends.ts'
import { actualPoints, expectedPoints, inOrder, openRaw } from '../../src/raw.ts'

const seed = Number(process.env.TANDEM_SEED ?? Date.now() & 0x7fffffff)
const writeMs = Number(process.env.TANDEM_CONTEND_MS ?? 4000)

async function answerOf(child: ChildProcess): Promise<Answer> {
  const [answer] = (await once(child, 'message')) as [Answer]
  if (answer.done === 'failed') throw new Error(answer.message)
  return answer
}

async function ask(child: ChildProcess, command: Command): Promise<Answer> {
  const answer = answerOf(child)
  child.send(command)
  return answer
}

test('two processes that write and delete the same documents end with the same ones, and the index agrees', async () => {
  console.log(`TANDEM_SEED=${seed} TANDEM_CONTEND_MS=${writeMs}`)
  const directory = await temporaryDirectory()
  const path = join(directory.path, 'store.db')
  const databases = sqlite({ path })
  const raw = await openRaw(databases, collection)
  const children = [seed, seed + 1].map((each) =>
    fork(join(import.meta.dirname, '../../programs/contend.ts'), [path, String(each), String(writeMs)]),
  )
  const all = (command: Command) => Promise.all(children.map((child) => ask(child, command)))
  await Promise.all(children.map(answerOf))

  // Enough of them that they met.
  for (const answer of await all({ do: 'write' }))
    expect((answer as { readonly writes: number }).writes).toBeGreaterThan(100)
  await all({ do: 'flush' })

  const rows = await raw.rows()
  expect(inOrder(actualPoints(await raw.points()))).toEqual(inOrder(expectedPoints(rows, fields)))
  expect(await raw.intents()).toEqual([])
  const [one, other] = (await all({ do: 'list' })) as { readonly documents: string }[]
  expect(JSON.parse(one?.documents ?? '')).toEqual(JSON.parse(other?.documents ?? ''))
  expect(JSON.parse(one?.documents ?? '')).toHaveLength(rows.length)
  const exits = children.map((child) => once(child, 'exit'))
  await all({ do: 'close' })
  expect(await Promise.all(exits)).toEqual([
    [0, null],
    [0, null],
  ])
  await raw.close()
  await directory.remove()
}, 60_000)
