import { StoreError, type StoreErrorCode } from '../errors.js'
import { plainAddress } from './connection-error.js'
import { serverWords } from './server-words.js'

/** The headers of an answer, as fetch gives them or as a record. */
export type HttpHeaders = { get(name: string): string | null } | Readonly<Record<string, string>>

/**
 * What the status of a refusal means, where the texts of the request may be its cause: AUTHENTICATION (401, 403),
 * EMBEDDING_FAILED (400, 413, 422), TIMEOUT (408), RATE_LIMITED (429), UNAVAILABLE (409, 5xx, and 499: the call was
 * cancelled on its way), CONFIGURATION (anything else, such as 404: no such model, or a redirect).
 */
export function embeddingCodeOf(status: number): StoreErrorCode {
  if (status === 401 || status === 403) return 'AUTHENTICATION'
  if (status === 400 || status === 413 || status === 422) return 'EMBEDDING_FAILED'
  if (status === 408) return 'TIMEOUT'
  if (status === 429) return 'RATE_LIMITED'
  return status === 409 || status >= 499 ? 'UNAVAILABLE' : 'CONFIGURATION'
}

/**
 * Milliseconds to wait by `retry-after-ms` (OpenAI's and Azure's), else by `retry-after`: seconds, or a date in one of
 * the three forms of HTTP (RFC 9110, sections 5.6.7 and 10.2.3). 0 for a date that has passed, `undefined` where
 * nothing readable is said.
 */
export function retryAfterMs(headers: HttpHeaders | undefined, now: number = Date.now()): number | undefined {
  const milliseconds = decimal(headerOf(headers, 'retry-after-ms'))
  if (milliseconds !== undefined) return Math.ceil(milliseconds)
  const given = headerOf(headers, 'retry-after')
  const seconds = decimal(given)
  if (seconds !== undefined) return Math.ceil(seconds * 1000)
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i.test(given)) return undefined
  // The oldest form names no zone and means GMT.
  const date = Date.parse(/GMT$/i.test(given) ? given : `${given} GMT`)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Whether an error is of a class of this name, which may come from another copy of its package. */
export function isOfClass(error: unknown, className: string): boolean {
  for (let each = error; typeof each === 'object' && each !== null; each = Object.getPrototypeOf(each)) {
    if (each.constructor?.name === className) return true
  }
  return false
}

/**
 * Where a redirect, which no client of ours follows, points to: words to add to a message, empty where it says nothing.
 */
export function redirectedTo(headers: HttpHeaders | undefined): string {
  const location = headerOf(headers, 'location')
  if (location === '') return ''
  const to = URL.canParse(location) ? plainAddress(location) : (location.split(/[?#]/, 1)[0] as string)
  return ` (it redirects to ${to}, which is not followed: give that address instead)`
}

/**
 * fetch that refuses redirects with CONFIGURATION: keys and texts go to the address that was given, and nowhere else.
 */
export const fetchWithoutRedirects: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'manual' })
  if (response.status < 300 || response.status >= 400) return response
  await response.body?.cancel()
  const message = `The server answered ${response.status}${redirectedTo(response.headers)}`
  throw new StoreError('CONFIGURATION', message)
}

/** Letters shown of an answer that is none. */
const EXCERPT = 100

/** Whether a parser failed on what is no JSON, such as a web page, and not on JSON that broke off. */
export function isNoJson(error: unknown): boolean {
  return error instanceof SyntaxError && /is not valid JSON|Unrecognized token/.test(error.message)
}

/**
 * A fault of the set-up: an answer with a good status that is not of the protocol, but a proxy's page or another
 * server's. UNAVAILABLE, or another code.
 * @param answer what came, or words about it.
 */
export function foreignAnswer(
  what: string,
  answer: string,
  {
    url,
    texts = [],
    cause,
    code = 'UNAVAILABLE',
  }: {
    url?: string | undefined
    texts?: readonly string[]
    cause?: unknown
    code?: StoreErrorCode
  } = {},
): StoreError {
  const place = url === undefined ? '' : ` at ${plainAddress(url)}`
  const excerpt = serverWords(answer.replace(/\s+/g, ' ').trim(), texts, EXCERPT)
  const message = `${what}${place} gave an answer that is not of its protocol (a proxy, or a wrong address?): ${excerpt}`
  return new StoreError(code, message, { setup: true, cause })
}

function headerOf(headers: HttpHeaders | undefined, name: string): string {
  if (headers === undefined || headers === null) return ''
  if (typeof headers.get === 'function') return headers.get(name)?.trim() ?? ''
  const found = Object.entries(headers).find(([each]) => each.toLowerCase() === name)
  return typeof found?.[1] === 'string' ? found[1].trim() : ''
}

/** A number of digits that is finite, and nothing else. */
function decimal(text: string): number | undefined {
  return /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined
}
