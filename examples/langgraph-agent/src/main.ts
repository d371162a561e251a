/** An agent that remembers: across conversations, and after a restart. See README.md. */
import { parseArgs } from 'node:util'
import { Command } from '@langchain/langgraph'
import { local } from '@tandemstore/embed-local'
import { TandemStore } from '@tandemstore/langgraph'
import { type Agent, makeAgent } from './agent.ts'
import { type Databases, servers, sqliteDatabase } from './databases.ts'
import { scriptedModel } from './scripted-model.ts'

const { values } = parseArgs({
  options: { db: { type: 'string', default: 'sqlite' }, path: { type: 'string', default: 'agent-memory.sqlite' } },
})
if (values.db !== 'sqlite' && values.db !== 'scylla') throw new Error('--db is sqlite or scylla')
const databases = values.db === 'sqlite' ? sqliteDatabase(values.path) : await servers()
if (databases === undefined) {
  console.error('There are no databases to run on; see above for how to get them.')
  process.exit(1)
}
try {
  await run(databases)
} finally {
  await databases.stop()
}

function openStore({ open }: Databases): TandemStore {
  return new TandemStore({ collection: 'agent', ...open(), index: { embeddings: local(), fields: ['text'] } })
}

async function run(databases: Databases): Promise<void> {
  console.log(`Memories are kept in ${databases.description}\n`)
  const { model, willCall } = scriptedModel()
  const first = openStore(databases)
  const agent = makeAgent(model, first)
  const inThread = (user: string, thread_id: string) => ({ configurable: { user, thread_id } })

  console.log('Thread 1, ann:')
  willCall(
    'remember',
    { name: 'drink', text: 'Drinks green tea, never coffee' },
    { name: 'town', text: 'Lives in Ghent, near the harbour' },
  )
  await say(agent, inThread('ann', '1'), 'I live in Ghent, near the harbour. And coffee? No, green tea!')

  console.log('\nThread 2, ann; the agent has not seen the first one:')
  willCall('recall', { query: 'What does she like to drink?' })
  await say(agent, inThread('ann', '2'), 'Order me something to drink, please.')

  console.log('\nThread 3, bob, of whom nothing is known:')
  willCall('recall', { query: 'What does he like to drink?' })
  await say(agent, inThread('bob', '3'), 'Order me something to drink, please.')

  console.log('\nThe store is closed, and another one is opened on the same databases:')
  await first.stop()
  await using second = openStore(databases)
  const restarted = makeAgent(model, second)
  willCall('recall', { query: 'In which city is her home?' })
  await say(restarted, inThread('ann', '4'), 'Which train do I take home?')

  console.log('\nThread 5, ann, who is asked first:')
  willCall('forget', { name: 'town' })
  await say(restarted, inThread('ann', '5'), 'I have moved. Forget where I live.')
  await say(restarted, inThread('ann', '5'), new Command({ resume: 'yes' }))
  const left = await second.search(['users', 'ann'])
  console.log(`  left of ann: ${left.map(({ value }) => value.text).join('; ')}`)
  await second.delete(['users', 'ann', 'memories'], 'drink')
}

async function say(agent: Agent, config: Parameters<Agent['invoke']>[1], words: string | Command): Promise<void> {
  const input = typeof words === 'string' ? { messages: [{ role: 'user' as const, content: words }] } : words
  console.log(`  user:  ${typeof words === 'string' ? words : words.resume}`)
  const result = await agent.invoke(input, config)
  const [asked] = result.__interrupt__ ?? []
  console.log(`  agent: ${asked === undefined ? result.messages.at(-1)?.text : asked.value}`)
}
