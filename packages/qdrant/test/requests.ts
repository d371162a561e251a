import { expect } from 'vitest'
import { service } from './scratch.js'

/** A request to the Qdrant of this run, past the adapter. */
export async function request(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json', ...(service?.apiKey ? { 'api-key': service.apiKey } : {}) }
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const response = await fetch(`${service?.url}${path}`, init)
  expect(response.status, await response.clone().text()).toBe(200)
  return (await response.json()) as Record<string, unknown>
}
