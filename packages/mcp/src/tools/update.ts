import { setTimeout } from 'node:timers/promises'
import { type Receipt, StoreError } from '@tandemstore/core'
import { z } from 'zod'
import { type MemoryParts, withParts } from '../memory.js'
import { notFound, ToolError } from '../tool-errors.js'
import * as schemas from './schemas.js'
import { type ToolCall, tool } from './tool.js'
import { written } from './written.js'

/** How often an update without a version is made again on what somebody else wrote meanwhile. */
const ATTEMPTS = 50
/** The longest wait before it is, milliseconds. */
const MAX_WAIT_MS = 100

export const updateTool = tool({
  name: 'memory_update',
  title: 'Update a memory',
  description:
    'Changes parts of a memory; what is not given stays. Give the version of memory_get to change it only if nobody else has meanwhile.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    key: schemas.key,
    labels: schemas.labels,
    text: schemas.text.optional().describe('The new text, whole.'),
    title: schemas.title.nullable().optional().describe('The new title; null removes it.'),
    tags: schemas.tags.nullable().optional().describe('The new tags, all of them; null removes them.'),
    metadata: schemas.metadata
      .nullable()
      .optional()
      .describe('Values to set; one that is null is removed, and null removes all.'),
    version: z.string().optional().describe('The version that memory_get gave.'),
  }),
  output: schemas.savedOutput,
  async run({ key, labels, version, ...parts }, call) {
    if (Object.values(parts).every((part) => part === undefined))
      throw new ToolError('There is nothing to change. Give at least one of text, title, tags and metadata.')
    const receipt = await update({ key, labels, version }, parts, call)
    return await written('Updated', { key, labels }, receipt, call)
  },
})

interface Target {
  readonly key: string
  readonly labels: readonly string[] | undefined
  readonly version: string | undefined
}

async function update({ key, labels, version }: Target, parts: MemoryParts, call: ToolCall): Promise<Receipt> {
  const { store, space, fields, signal } = call
  const namespace = space.at(labels)
  const { conditionalWrites } = store.capabilities
  for (let attempt = 1; ; attempt += 1) {
    const document = await store.get(namespace, key, { signal })
    if (document === undefined) throw notFound(key)
    if (version !== undefined && version !== document.version)
      throw new ToolError(
        `The memory ${JSON.stringify(key)} was changed since that version. Read it with memory_get, and update what it says now.`,
      )
    const { expiresAt } = document
    try {
      return await store.put(namespace, key, withParts(document.value, parts, fields), {
        sync: 'background',
        signal,
        ...(conditionalWrites ? { ifVersion: document.version } : {}),
        ...(expiresAt === undefined ? {} : { ttlMs: Math.max(1, expiresAt.getTime() - Date.now()) }),
      })
    } catch (error) {
      const isConflict = StoreError.isInstance(error) && error.code === 'CONFLICT'
      if (!isConflict || version !== undefined || attempt === ATTEMPTS) throw error
      // At random, so that those who collided do not meet again.
      await setTimeout(Math.random() * Math.min(MAX_WAIT_MS, 2 ** attempt), undefined, { signal })
    }
  }
}
