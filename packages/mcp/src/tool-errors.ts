import type { CallToolResult } from '@modelcontextprotocol/server'
import { StoreError } from '@tandemstore/core'

/** What is left of a long message at either end, as it may repeat what was given, in UTF-16 units. */
const KEPT_LENGTH = 200

/** A message with the sentence that says how to go on. */
export function withNextStep(message: string, nextStep: string): string {
  const isLong = message.length > 2 * KEPT_LENGTH
  const short = isLong ? `${message.slice(0, KEPT_LENGTH)}…${message.slice(-KEPT_LENGTH)}`.toWellFormed() : message
  return `${short.replace(/\.$/, '')}. ${nextStep}`
}

export const CORRECT_ARGUMENTS = 'Correct the arguments and call the tool again.'

/** An error that its message says everything about, how to go on included. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
}

/** There is no such memory. */
export function notFound(key: string): ToolError {
  return new ToolError(
    `There is no memory with the key ${JSON.stringify(key)} at these labels. Find keys and labels with memory_search or memory_list.`,
  )
}

/** The result of a call that failed: what is wrong, and in one sentence how to go on. */
export function failedResult(error: unknown, report: (error: unknown) => void): CallToolResult {
  return { content: [{ type: 'text', text: explain(error, report) }], isError: true }
}

export function explain(error: unknown, report: (error: unknown) => void): string {
  if (error instanceof ToolError) return error.message
  if (StoreError.isInstance(error)) {
    if (!isCallersFault(error)) report(error)
    return withNextStep(error.message, nextStepAfter(error))
  }
  // What others' code throws may hold anything.
  report(error)
  return 'The memory server failed. Tell the user that its log says why.'
}

function isCallersFault({ code }: StoreError): boolean {
  return code === 'INVALID_ARGUMENT' || code === 'CONFLICT' || code === 'ABORTED'
}

function nextStepAfter({ code, retryable, retryAfterMs }: StoreError): string {
  if (code === 'INVALID_ARGUMENT') return CORRECT_ARGUMENTS
  if (code === 'CONFLICT') return 'Read the memory with memory_get, and call the tool again with its version.'
  if (code === 'NOT_SUPPORTED') return 'Use another tool: memory_list and memory_get work in every store.'
  if (code === 'CLOSED') return 'The memory server is ending: tell the user to start it again.'
  if (!retryable) return 'Tell the user that the memory server has to be mended.'
  return retryAfterMs === undefined
    ? 'Call the tool again a little later.'
    : `Call the tool again in ${Math.ceil(retryAfterMs / 1000)} seconds.`
}
