import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { getConfig, getStore, interrupt, MemorySaver } from '@langchain/langgraph'
import type { BaseStore } from '@langchain/langgraph-checkpoint'
import { createAgent, tool } from 'langchain'
import { z } from 'zod'

/** The memories of the user of this run. */
const mine = (): string[] => ['users', String(getConfig().configurable?.user), 'memories']

const remember = tool(
  async ({ name, text }) => {
    await getStore()?.put(mine(), name, { text })
    return `Noted: ${text}`
  },
  {
    name: 'remember',
    description: 'Keeps a fact about the user, also for other conversations.',
    schema: z.object({ name: z.string(), text: z.string() }),
  },
)

const recall = tool(
  async ({ query }) => {
    const found = (await getStore()?.search(mine(), { query, limit: 1 })) ?? []
    return found.map(({ value }) => value.text).join('; ') || 'nothing'
  },
  {
    name: 'recall',
    description: 'Finds what is known of the user, by meaning.',
    schema: z.object({ query: z.string() }),
  },
)

const forget = tool(
  async ({ name }) => {
    if (interrupt(`Shall I forget "${name}"?`) !== 'yes') return 'Kept'
    await getStore()?.delete(mine(), name)
    return 'Forgotten'
  },
  {
    name: 'forget',
    description: 'Forgets a fact, once the user has agreed.',
    schema: z.object({ name: z.string() }),
  },
)

/** An agent with a long-term memory: conversations in the checkpointer, what it knows of users in the store. */
export function makeAgent(model: BaseChatModel, store: BaseStore) {
  return createAgent({ model, tools: [remember, recall, forget], checkpointer: new MemorySaver(), store })
}

export type Agent = ReturnType<typeof makeAgent>
