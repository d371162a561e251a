import { randomBytes } from 'node:crypto'
import { StoreError } from '@tandemstore/core'
import { z } from 'zod'
import { withParts } from '../memory.js'
import { ToolError } from '../tool-errors.js'
import * as schemas from './schemas.js'
import { tool } from './tool.js'
import { written } from './written.js'

export const saveTool = tool({
  name: 'memory_save',
  title: 'Save a memory',
  description:
    'Keeps a fact, a preference, a decision or a note for later conversations. One memory holds one thing; look with memory_search first whether it is there, and then use memory_update.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: z.strictObject({
    text: schemas.text.describe('What to remember, in words that make sense on their own.'),
    title: schemas.title.optional().describe('A few words that say what it is about.'),
    tags: schemas.tags.optional().describe('Words to filter by.'),
    metadata: schemas.metadata
      .optional()
      .describe('Other values to filter by, such as {"project":"apollo","year":2026}.'),
    key: schemas.key.optional().describe('A key of your own, if it is not there yet. Default: a new one.'),
    labels: schemas.labels,
  }),
  output: schemas.savedOutput,
  async run({ key = newKey(), labels, ...parts }, call) {
    const { store, space, fields, signal } = call
    const namespace = space.at(labels)
    const value = withParts({}, parts, fields)
    const taken = new ToolError(
      `There is a memory with the key ${JSON.stringify(key)} already. Change it with memory_update, or save under another key.`,
    )
    const { conditionalWrites } = store.capabilities
    if (!conditionalWrites && (await store.get(namespace, key, { signal })) !== undefined) throw taken
    try {
      const options = { sync: 'background', signal, ...(conditionalWrites ? { ifAbsent: true } : {}) } as const
      return await written('Saved', { key, labels }, await store.put(namespace, key, value, options), call)
    } catch (error) {
      throw StoreError.isInstance(error) && error.code === 'CONFLICT' ? taken : error
    }
  },
})

/** Keys grow with time, so that a listing is in the order of saving. */
function newKey(): string {
  return `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(4).toString('hex')}`
}
