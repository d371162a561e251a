import { z } from 'zod'
import { wholeText } from '../memory.js'
import { notFound } from '../tool-errors.js'
import * as schemas from './schemas.js'
import { tool } from './tool.js'
import { labelled } from './written.js'

export const getTool = tool({
  name: 'memory_get',
  title: 'Read a memory',
  description: 'Gives the whole of one memory, by the key and labels that memory_search and memory_list give.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ key: schemas.key, labels: schemas.labels }),
  output: z.strictObject({
    key: z.string(),
    labels: schemas.labelsOut,
    value: z.looseObject({}).describe('Everything that was saved: text, title, tags, metadata and others.'),
    version: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
    expiresAt: z.string().optional(),
  }),
  async run({ key, labels = [] }, { store, space, fields, signal }) {
    const document = await store.get(space.at(labels), key, { signal })
    if (document === undefined) throw notFound(key)
    const { value, version, createdAt, updatedAt, expiresAt } = document
    const result = {
      key,
      ...labelled(labels),
      value: { ...value },
      version,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
    }
    return { result, text: wholeText(document, labels, fields) }
  },
})
