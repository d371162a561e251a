import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNetworkError } from '../../src/adapter/connection-error.js'
import {
  embeddingCodeOf,
  fetchWithoutRedirects,
  isNoJson,
  isOfClass,
  redirectedTo,
  retryAfterMs,
} from '../../src/adapter/http-errors.js'

describe('the time to wait', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 0)

  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': ' 0.25 ' }, 250],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after-ms': '120', 'retry-after': '2' }, 120],
    [{ 'retry-after-ms': '0.2' }, 1],
    [{ 'retry-after-ms': 'none', 'retry-after': '2' }, 2000],
    [{ 'Retry-After': '3' }, 3000],
    // The three forms of a date in HTTP.
    [{ 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 37_000],
    [{ 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 37_000],
    [{ 'retry-after': 'Sun Nov  6 08:49:37 1994' }, 37_000],
    [{ 'retry-after': 'Sun, 06 Nov 1994 08:48:37 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': 'Sun, soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '5 minutes' }, undefined],
    [{ 'retry-after': '9'.repeat(400) }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
  ])('is read from %j', (headers, expected) => {
    expect(retryAfterMs(headers as Record<string, string>, now)).toBe(expected)
    expect(retryAfterMs(new Headers(headers as Record<string, string>), now)).toBe(expected)
  })

  it('is none where there are no headers', () => {
    expect(retryAfterMs(undefined)).toBeUndefined()
  })

  it('is finite and not negative whatever the header says', () => {
    fc.assert(
      fc.property(fc.string(), fc.date({ noInvalidDate: true }), (text, date) => {
        for (const given of [text, date.toUTCString()]) {
          const ms = retryAfterMs({ 'retry-after': given })
          if (ms !== undefined) expect(Number.isFinite(ms) && ms >= 0).toBe(true)
        }
      }),
    )
  })
})

it('knows what a status is about, and which of them waiting may mend', () => {
  const codes = [400, 401, 403, 404, 408, 409, 413, 422, 429, 499, 500, 503, 529].map(embeddingCodeOf)
  expect(codes).toEqual([
    ...['EMBEDDING_FAILED', 'AUTHENTICATION', 'AUTHENTICATION', 'CONFIGURATION', 'TIMEOUT', 'UNAVAILABLE'],
    ...['EMBEDDING_FAILED', 'EMBEDDING_FAILED', 'RATE_LIMITED', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    'UNAVAILABLE',
  ])
})

describe('a redirect', () => {
  it('is refused, with the address that it points to and without what may be secret in it', async () => {
    const server = createServer((_, response) =>
      response.writeHead(307, { location: 'https://user:secret@example.com/v1?token=secret' }).end('moved'),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const error = await fetchWithoutRedirects(url).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining('https://example.com/v1') })
    expect((error as Error).message).not.toContain('secret')
    server.close()
  })

  it('may be relative, or say nothing', () => {
    expect(redirectedTo({ location: '/login?next=secret' })).toContain(' /login,')
    expect(redirectedTo({})).toBe('')
  })
})

it('knows what is no JSON from JSON that broke off', () => {
  const errorOf = (text: string): unknown => {
    try {
      return JSON.parse(text)
    } catch (error) {
      return error
    }
  }
  for (const page of ['<html>', 'Bad gateway', '{"a": <']) expect(isNoJson(errorOf(page)), page).toBe(true)
  for (const half of ['', '{"data": [1,', '{"data": "ab', '[{"a": 1']) expect(isNoJson(errorOf(half)), half).toBe(false)
})

describe('a connection that failed', () => {
  it('is known by its code or the words of fetch, also deep down', () => {
    const reset = Object.assign(new Error('read'), { code: 'ECONNRESET' })
    expect(isNetworkError(reset)).toBe(true)
    expect(isNetworkError(new Error('outer', { cause: new Error('inner', { cause: reset }) }))).toBe(true)
    expect(isNetworkError(new TypeError('fetch failed'))).toBe(true)
    expect(isNetworkError(new Error('Error fetching from http://a: fetch failed'))).toBe(true)
    expect(isNetworkError(new TypeError('terminated'))).toBe(true)
  })

  it('is nothing else', () => {
    const others = [new Error('a sentence terminated early'), Object.assign(new Error('no file'), { code: 'ENOENT' })]
    for (const other of [...others, 'fetch failed', undefined]) expect(isNetworkError(other)).toBe(false)
  })

  it('may be its own cause', () => {
    const loop = new Error('round')
    loop.cause = loop
    expect(isNetworkError(loop)).toBe(false)
  })
})

it('knows a class by name, also one it inherits from', () => {
  class Base extends Error {}
  class Special extends Base {}
  expect(isOfClass(new Special(), 'Base')).toBe(true)
  expect(isOfClass(new Base(), 'Special')).toBe(false)
  expect(isOfClass(null, 'Base')).toBe(false)
})
