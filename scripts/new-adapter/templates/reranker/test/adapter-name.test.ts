import { afterEach, beforeEach, expect, test } from 'vitest'
import { adapterName } from '../src/index.js'
import { type Server, startServer } from './server.js'

let server: Server
beforeEach(async () => {
  server = await startServer(() => ({ scores: [0.5] }))
})
afterEach(() => server.close())

const rerank = () =>
  adapterName({ model: 'model-1', url: server.url, apiKey: 'key' }).rerank('what?', ['a secret'], {})

test('bad options are named', () => {
  expect(() => adapterName({ model: '', url: server.url })).toThrow(expect.objectContaining({ field: 'model' }))
  expect(() => adapterName({ model: 'model-1', url: 'nowhere' })).toThrow(expect.objectContaining({ field: 'url' }))
})

test('the request has the model, the query, the texts and the key', async () => {
  await rerank()
  expect(server.requests).toMatchObject([
    {
      headers: { authorization: 'Bearer key' },
      body: { model: 'model-1', query: 'what?', texts: ['a secret'] },
    },
  ])
})

test.each([
  [400, 'RERANK_FAILED'],
  [401, 'AUTHENTICATION'],
  [404, 'CONFIGURATION'],
  [503, 'UNAVAILABLE'],
])('%i is %s, without the text', async (status, code) => {
  server.refuse(status, 'the text "a secret" is refused')
  const error = await Promise.resolve(rerank()).catch((each: unknown) => each)
  expect(error).toMatchObject({ code })
  expect(String(error)).not.toContain('a secret')
})

test('429 says when to come back', async () => {
  server.refuse(429, 'slow down', { 'retry-after': '2' })
  await expect(rerank()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 2000 })
})

test('a web page is a fault of the set-up', async () => {
  server.refuse(200, '<html>Log in</html>')
  await expect(rerank()).rejects.toMatchObject({ code: 'UNAVAILABLE', setup: true })
})
