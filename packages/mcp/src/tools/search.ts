import { z } from 'zod'
import { searchModeOf, searchModes } from '../search-mode.js'
import { howManyFit } from '../tokens.js'
import { costOf, ENVELOPE_TOKENS, entryOf, lineOf } from './entries.js'
import * as schemas from './schemas.js'
import { tool } from './tool.js'

export const searchTool = tool({
  name: 'memory_search',
  title: 'Search memories',
  description:
    'Finds memories by what they mean and by their words, the best first: key, title or first words, score and date of each. Read the whole of those that matter with memory_get. Searches the labels given and all below them.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    query: z.string().min(1).max(10_000).describe('What to look for, as a question or in a few words.'),
    mode: z
      .enum(searchModes)
      .optional()
      .describe(
        'vector: by meaning; keyword: by words, for names and identifiers; hybrid: by both. Default: hybrid where the store has both.',
      ),
    labels: schemas.labels,
    filter: schemas.filter,
    limit: z.int().min(1).max(100).default(20).describe('The most hits to look at.'),
    offset: z.int().min(0).max(900).default(0).describe('Hits to skip: those that were shown before.'),
    min_score: z
      .number()
      .optional()
      .describe(
        'Leaves out what scores less. By vector a score says how near a memory is; by keyword and hybrid it compares hits of one search.',
      ),
    max_tokens: schemas.maxTokens,
  }),
  output: z.strictObject({
    mode: z.enum(searchModes).describe('How it was found. keyword instead of hybrid: there is no embedder now.'),
    hits: z.array(schemas.entryOutput.extend({ score: z.number() })),
    left_out: z.int().min(0).describe('Further hits that did not fit into max_tokens.'),
    next_offset: z.int().min(0).optional().describe('The offset that shows further hits; absent if there are none.'),
  }),
  async run({ query, mode: asked, labels, filter, limit, offset, min_score: minScore, max_tokens: maxTokens }, call) {
    const mode = searchModeOf(call.store, asked)
    const found = await call.store.search(call.space.at(labels), {
      query,
      mode,
      limit,
      offset,
      signal: call.signal,
      ...(filter === undefined ? {} : { filter }),
      ...(minScore === undefined ? {} : { minScore }),
    })
    const hits = found.map(({ document, score }) => ({ ...entryOf(document, call), score: rounded(score) }))
    const lines = hits.map((hit) => lineOf(hit, hit.score))
    const shown = howManyFit(
      hits.map((hit, index) => costOf(hit, lines[index] as string)),
      maxTokens - ENVELOPE_TOKENS,
    )
    const leftOut = hits.length - shown
    const hasMore = leftOut > 0 || found.cursor !== undefined
    const result = {
      mode: found[0]?.degraded ?? mode,
      hits: hits.slice(0, shown),
      left_out: leftOut,
      ...(hasMore ? { next_offset: offset + shown } : {}),
    }
    return { result, text: [headingFor(result, offset), ...lines.slice(0, shown)].join('\n') }
  },
})

function rounded(score: number): number {
  return Math.round(score * 1000) / 1000
}

function headingFor(
  {
    mode,
    hits,
    left_out,
    next_offset,
  }: { mode: string; hits: readonly unknown[]; left_out: number; next_offset?: number },
  offset: number,
): string {
  if (hits.length === 0 && left_out === 0) return `Nothing found (mode ${mode}).`
  const count = `${hits.length} hit${hits.length === 1 ? '' : 's'}${offset === 0 ? '' : ` from offset ${offset}`}`
  const leftOut = left_out === 0 ? '' : `, ${left_out} left out for max_tokens`
  const more = next_offset === undefined ? '' : `; offset ${next_offset} shows more`
  return `${count} (mode ${mode})${leftOut}${more}.`
}
