import type { Document, Page } from '@tandemstore/core'
import { z } from 'zod'
import { countTokens, howManyFit } from '../tokens.js'
import { costOf, ENVELOPE_TOKENS, type Entry, entryOf, lineOf } from './entries.js'
import * as schemas from './schemas.js'
import { type ToolCall, tool } from './tool.js'

/** Labels below that a list names at most. */
const MAX_LABELS_SHOWN = 50

export const listTool = tool({
  name: 'memory_list',
  title: 'List memories',
  description:
    'Lists the memories at the labels given and below, in order of labels and key (new keys in order of saving), page by page, and the labels that lie directly below.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    labels: schemas.labels,
    filter: schemas.filter,
    limit: z.int().min(1).max(100).default(30),
    cursor: z.string().min(1).optional().describe('The cursor of the page before.'),
    max_tokens: schemas.maxTokens,
  }),
  output: z.strictObject({
    memories: z.array(schemas.entryOutput),
    labels_below: z.array(z.string()).describe('Labels directly below, on the first page.'),
    more_labels: z.boolean().describe('Whether there are labels below that are not shown.'),
    cursor: z.string().optional().describe('For the next page; absent at the end.'),
  }),
  async run({ labels, filter, limit, cursor, max_tokens: maxTokens }, call) {
    const budget = maxTokens - ENVELOPE_TOKENS
    const below = cursor === undefined ? await labelsBelow(labels, budget / 4, call) : none
    const pageOf = (size: number) =>
      call.store.list(call.space.at(labels), {
        limit: size,
        signal: call.signal,
        ...(filter === undefined ? {} : { filter }),
        ...(cursor === undefined ? {} : { cursor }),
      })
    const page = await fittingPage(pageOf, limit, budget - below.tokens, call)
    const entries = page.items.map((document) => entryOf(document, call))
    const result = {
      memories: entries,
      labels_below: below.shown,
      more_labels: below.more,
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    }
    return { result, text: textOf(result) }
  },
})

interface Below {
  readonly shown: string[]
  readonly more: boolean
  readonly tokens: number
}

const none: Below = { shown: [], more: false, tokens: 0 }

async function labelsBelow(labels: readonly string[] | undefined, budget: number, call: ToolCall): Promise<Below> {
  const prefix = call.space.at(labels)
  const maxDepth = prefix.length + 1
  const page = await call.store.namespaces({ prefix, maxDepth, limit: MAX_LABELS_SHOWN + 1, signal: call.signal })
  const all = page.items.flatMap((namespace) => namespace.slice(maxDepth - 1))
  const costs = all.map((label) => countTokens(JSON.stringify(label)) + 1)
  const fitting = Math.min(MAX_LABELS_SHOWN, howManyFit(costs, budget))
  return {
    shown: all.slice(0, fitting),
    more: fitting < all.length || page.cursor !== undefined,
    tokens: costs.slice(0, fitting).reduce((sum, cost) => sum + cost, 0),
  }
}

/** The longest page that fits, of at least one memory: its cursor has to follow the last that is shown. */
async function fittingPage(
  pageOf: (size: number) => Promise<Page<Document>>,
  limit: number,
  budget: number,
  call: ToolCall,
): Promise<Page<Document>> {
  for (let size = limit; ; ) {
    const page = await pageOf(size)
    const costs = page.items.map((document) => {
      const entry = entryOf(document, call)
      return costOf(entry, lineOf(entry))
    })
    const fitting = howManyFit(costs, budget - countTokens(page.cursor ?? ''))
    if (fitting === costs.length || size === 1) return page
    size = Math.max(1, Math.min(fitting, size - 1))
  }
}

function textOf({
  memories,
  labels_below: labels,
  more_labels: more,
  cursor,
}: {
  readonly memories: readonly Entry[]
  readonly labels_below: readonly string[]
  readonly more_labels: boolean
  readonly cursor?: string
}): string {
  const count = memories.length === 1 ? '1 memory' : `${memories.length === 0 ? 'No' : memories.length} memories`
  return [
    `${count}.${cursor === undefined ? '' : ` More with the cursor ${JSON.stringify(cursor)}.`}`,
    ...(labels.length === 0 ? [] : [`Labels below: ${JSON.stringify(labels)}${more ? ' and more' : ''}`]),
    ...memories.map((entry) => lineOf(entry)),
  ].join('\n')
}
