import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import type { JsonObject } from '@tandemstore/core'
import { describe, expect, it } from 'vitest'
import { callTool, connectStdio, temporaryFolder, textOf } from './support.js'

/** What a scripted model does next, by what it has been told so far: a call, or its answer. */
type Step = { readonly tool: string; readonly args: JsonObject } | { readonly answer: string }
type Model = (told: readonly string[], toolNames: readonly string[]) => Step

/** The loop of an agent: the model sees only the text of the results. */
async function converse(client: Client, model: Model): Promise<{ answer: string; calls: string[] }> {
  const { tools } = await client.listTools()
  const told: string[] = []
  const calls: string[] = []
  for (let turn = 0; turn < 12; turn += 1) {
    const step = model(
      told,
      tools.map(({ name }) => name),
    )
    if ('answer' in step) return { answer: step.answer, calls }
    calls.push(step.tool)
    told.push(textOf(await callTool(client, step.tool, step.args)))
  }
  throw new Error(`The model came to no answer:\n${told.join('\n')}`)
}

const firstKey = (text: string): string => JSON.parse(text.match(/^- ("(?:[^"\\]|\\.)*")/m)?.[1] ?? 'null')
const versionIn = (text: string): string => text.match(/^version: (\S+)/m)?.[1] ?? ''

/** Notes what it hears, unless it knows something of it already: then it brings that up to date. */
const note =
  (query: string, text: string): Model =>
  ([found, whole, done]) => {
    if (found === undefined) return { tool: 'memory_search', args: { query, mode: 'vector', min_score: 0.7 } }
    const known = !found.startsWith('Nothing found')
    if (whole === undefined)
      return known
        ? { tool: 'memory_get', args: { key: firstKey(found) } }
        : { tool: 'memory_save', args: { text, title: query } }
    if (!known) return { answer: 'saved' }
    if (done === undefined)
      return { tool: 'memory_update', args: { key: firstKey(found), text, version: versionIn(whole) } }
    return { answer: 'updated' }
  }

const recall =
  (question: string): Model =>
  ([found, whole]) => {
    if (found === undefined) return { tool: 'memory_search', args: { query: question, limit: 3 } }
    if (found.startsWith('Nothing found')) return { answer: 'I do not know' }
    if (whole === undefined) return { tool: 'memory_get', args: { key: firstKey(found) } }
    return { answer: whole.split('\n\n').at(-1) ?? '' }
  }

/** Makes mistakes, and does what the messages tell it. */
const clumsy: Model = (told) => {
  const last = told.at(-1)
  if (last === undefined) return { tool: 'memory_get', args: { id: 'drinks' } }
  if (last.includes('Unrecognized key: "id"')) return { tool: 'memory_get', args: { key: 'drinks' } }
  if (last.includes('memory_search or memory_list')) return { tool: 'memory_list', args: { limit: 'all' } }
  if (last.includes('limit: Invalid input')) return { tool: 'memory_list', args: {} }
  if (last.includes('memories.')) return { tool: 'memory_delete', args: { key: firstKey(last) } }
  return { answer: last }
}

describe('a scripted agent', () => {
  it('remembers over conversations, corrects itself and finds its way out of errors', async () => {
    const path = join(await temporaryFolder(), 'memory.sqlite')
    const talk = async (model: Model, namespace = 'users/ann') => {
      const { client } = await connectStdio(['--db', path, '--namespace', namespace])
      const result = await converse(client, model)
      await client.close()
      return result
    }
    expect(await talk(recall('Which drink does Ann like?'))).toMatchObject({ answer: 'I do not know' })
    expect(await talk(note('Drinks that Ann likes', 'Ann likes green tea.'))).toMatchObject({ answer: 'saved' })
    expect(await talk(note('Where Ann lives', 'Ann lives in Oxford.'))).toMatchObject({ answer: 'saved' })
    expect(await talk(recall('Which drink does Ann like?'))).toEqual({
      answer: 'Ann likes green tea.',
      calls: ['memory_search', 'memory_get'],
    })
    expect(await talk(note('Drinks that Ann likes', 'Ann likes black coffee now.'))).toEqual({
      answer: 'updated',
      calls: ['memory_search', 'memory_get', 'memory_update'],
    })
    expect(await talk(recall('Which drink does Ann like?'))).toMatchObject({ answer: 'Ann likes black coffee now.' })
    expect(await talk(recall('Which town does Ann live in?'))).toMatchObject({ answer: 'Ann lives in Oxford.' })
    expect(await talk(recall('Which drink does Ann like?'), 'users/bob')).toMatchObject({ answer: 'I do not know' })
    const { answer, calls } = await talk(clumsy)
    expect(answer).toMatch(/^Deleted the memory/)
    expect(calls).toEqual(['memory_get', 'memory_get', 'memory_list', 'memory_list', 'memory_delete'])
  })
})
