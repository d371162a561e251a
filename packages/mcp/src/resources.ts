import {
  type ListResourcesResult,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { StoreError } from '@tandemstore/core'
import { headingOf, wholeText } from './memory.js'
import { explain } from './tool-errors.js'
import { entryOf, lineOf } from './tools/entries.js'
import type { ToolCall, ToolHost } from './tools/tool.js'
import { LISTING_URI, MEMORY_URI_TEMPLATE, type MemoryPath, parseUri, uriOf } from './uri.js'

const PAGE_SIZE = 100
const mimeType = 'text/plain'

/** Memories as resources: each by its URI, their listing, and a page by page list for clients to choose from. */
export function registerResources(server: McpServer, host: ToolHost): void {
  const listing = {
    title: 'All memories',
    description: `The first ${PAGE_SIZE} memories, a line each. memory:LABEL/ lists what is at a label and below.`,
    mimeType,
  }
  const memory = {
    title: 'A memory',
    description: 'The whole of a memory: its labels and its key, each percent-encoded, with slashes between.',
    mimeType,
  }
  const template = new ResourceTemplate(MEMORY_URI_TEMPLATE, { list: undefined })
  const read = (uri: URL, context: ServerContext) => answered(host, context, (call) => readUri(uri.href, call))
  server.registerResource('memories', LISTING_URI, listing, read)
  server.registerResource('memory', template, memory, (uri, _variables, context) => read(uri, context))
  // The SDK's own list has no pages.
  server.server.setRequestHandler('resources/list', (request, context) =>
    answered(host, context, async (call) => {
      const page = await listPage(call, request.params?.cursor)
      const first = request.params?.cursor === undefined ? [{ uri: LISTING_URI, name: 'memories', ...listing }] : []
      return { ...page, resources: [...first, ...page.resources] }
    }),
  )
}

async function listPage({ store, space, fields, signal }: ToolCall, cursor?: string): Promise<ListResourcesResult> {
  const page = await store.list(space.at(), { limit: PAGE_SIZE, signal, ...(cursor === undefined ? {} : { cursor }) })
  const resources = page.items.map(({ namespace, key, value }) => ({
    uri: uriOf(space.labelsOf(namespace), key),
    name: key,
    title: headingOf(value, fields),
    mimeType,
  }))
  return { resources, ...(page.cursor === undefined ? {} : { nextCursor: page.cursor }) }
}

async function readUri(uri: string, call: ToolCall): Promise<ReadResourceResult> {
  const path = parseUri(uri)
  const text = path === undefined ? undefined : await textOf(path, call)
  if (text === undefined) throw new ResourceNotFoundError(uri)
  return { contents: [{ uri, mimeType, text }] }
}

async function textOf({ labels, key }: MemoryPath, call: ToolCall): Promise<string | undefined> {
  const { store, space, fields, signal } = call
  const namespace = space.at(labels)
  if (key === undefined) {
    const { items, cursor } = await store.list(namespace, { limit: PAGE_SIZE, signal })
    const more = cursor === undefined ? [] : ['There are more: memory_list shows them page by page.']
    return [...items.map((document) => lineOf(entryOf(document, call))), ...more].join('\n')
  }
  const document = await store.get(namespace, key, { signal })
  return document === undefined ? undefined : wholeText(document, labels, fields)
}

/** Errors of the store as the protocol has them. */
async function answered<T>(host: ToolHost, context: ServerContext, run: (call: ToolCall) => Promise<T>): Promise<T> {
  try {
    return await run(await host.callOf(context))
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    const isCallers = StoreError.isInstance(error) && error.code === 'INVALID_ARGUMENT'
    const code = isCallers ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
    throw new ProtocolError(code, explain(error, host.report))
  }
}
