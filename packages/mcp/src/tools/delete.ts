import { z } from 'zod'
import * as schemas from './schemas.js'
import { tool } from './tool.js'
import { labelled } from './written.js'

export const deleteTool = tool({
  name: 'memory_delete',
  title: 'Delete a memory',
  description: 'Deletes a memory for good, by its key and labels.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ key: schemas.key, labels: schemas.labels }),
  output: z.strictObject({
    key: z.string(),
    labels: schemas.labelsOut,
    deleted: z.boolean().describe('Whether it was there.'),
  }),
  async run({ key, labels }, { store, space, signal }) {
    const namespace = space.at(labels)
    const deleted = (await store.get(namespace, key, { signal })) !== undefined
    await store.delete(namespace, key, { sync: 'background', signal })
    const text = deleted
      ? `Deleted the memory ${JSON.stringify(key)}.`
      : `There was no memory ${JSON.stringify(key)} at these labels; nothing is deleted.`
    return { result: { key, ...labelled(labels), deleted }, text }
  },
})
