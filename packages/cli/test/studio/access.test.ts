import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, test } from 'vitest'
import { run, temporaryFolder } from '../run.js'
import { fillNotes } from '../stores.js'
import { startStudio } from './studio.js'

/** Unlike fetch, sends any Host. */
async function send(
  origin: string,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const sent = request(`${origin}${path}`, { method, headers }).end(method === 'POST' ? '{}' : undefined)
  const [response] = await once(sent, 'response')
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

describe('who may ask', () => {
  let folder: string
  beforeEach(async () => {
    folder = await temporaryFolder()
    await fillNotes(folder)
  })

  test('nothing of the store is told without the token', async () => {
    const { origin, token, ask } = await startStudio(folder)
    expect(await ask('info')).toMatchObject({ status: 200, body: { collection: 'notes' } })
    for (const authorization of ['', 'Bearer', `Bearer ${token}x`, `Basic ${token}`, token])
      expect(await ask('info', {}, { authorization })).toMatchObject({ status: 401, body: { code: 'REFUSED' } })
    const page = await send(origin, '/')
    expect(page.status).toBe(200)
    expect(page.body).not.toContain('notes')
  })

  test('what is no path is nowhere', async () => {
    const { origin } = await startStudio(folder)
    expect(await send(origin, '//')).toMatchObject({ status: 404 })
  })

  test('a foreign Host or Origin is refused, whatever it asks for', async () => {
    const { origin, token } = await startStudio(folder)
    const { port } = new URL(origin)
    const authorization = `Bearer ${token}`
    for (const path of ['/', '/page/main.js', '/api/info']) {
      const method = path.startsWith('/api') ? 'POST' : 'GET'
      const answer = (headers: Readonly<Record<string, string>>) =>
        send(origin, path, { method, headers: { authorization, ...headers } })
      for (const host of [
        `evil.example:${port}`,
        'localhost',
        `127.0.0.1:${Number(port) + 1}`,
        `127.0.0.1.evil.example:${port}`,
      ])
        expect((await answer({ host })).status, `${path} ${host}`).toBe(403)
      for (const from of [
        'http://evil.example',
        'null',
        `http://127.0.0.1:${Number(port) + 1}`,
        `https://127.0.0.1:${port}`,
      ])
        expect((await answer({ origin: from })).status, `${path} ${from}`).toBe(403)
      expect((await answer({ origin })).status).toBe(200)
      expect((await answer({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).status).toBe(200)
    }
  })

  test('every answer says that nothing else may run, be loaded or frame it', async () => {
    const { origin } = await startStudio(folder)
    for (const path of ['/', '/style.css', '/page/main.js', '/api/info', '/nothing']) {
      const { headers } = await send(origin, path)
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
      )
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  test('only the files of the page are served', async () => {
    const { origin } = await startStudio(folder)
    for (const path of [
      '/../serve.js',
      '/page/..%2fserve.js',
      '/page/../../package.json',
      '/notes.db',
      '/page/',
      '//etc/passwd',
    ])
      expect((await send(origin, path)).status, path).toBe(404)
    expect((await send(origin, '/', { method: 'POST' })).status).toBe(405)
  })

  test('wrong requests are refused with a sentence', async () => {
    const { origin, ask, token } = await startStudio(folder)
    const wrong: readonly [string, object][] = [
      ['documents', { prefix: 'users' }],
      ['documents', { prefix: [1] }],
      ['documents', { prefix: [], limit: 5 }],
      ['documents', { prefix: [], cursor: 'nonsense' }],
      ['documents', { prefix: [], filter: { a: { $nope: 1 } } }],
      ['document', { namespace: ['users'], key: 5 }],
      ['search', { prefix: [], query: '' }],
      ['search', { prefix: [], query: 'tea', mode: 'magic' }],
      ['search', { prefix: [], query: 'tea', limit: 1e9 }],
      ['count', { prefix: [], all: 'yes' }],
      ['info', []],
    ]
    for (const [name, input] of wrong) {
      const { status, body } = await ask(name, input)
      expect({ status, code: body.code }, JSON.stringify([name, input])).toEqual({
        status: 400,
        code: 'INVALID_ARGUMENT',
      })
      expect(body.message).not.toBe('')
    }
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${origin}/api/info`, { method: 'POST', headers, body: '{' })).status).toBe(400)
    expect((await fetch(`${origin}/api/info`, { method: 'POST', headers, body: ' '.repeat(1_000_001) })).status).toBe(
      400,
    )
    expect((await fetch(`${origin}/api/info`, { headers })).status).toBe(405)
    expect((await ask('toString')).status).toBe(404)
    expect((await ask('__proto__')).status).toBe(404)
  })

  test('it changes nothing without --write', async () => {
    const { ask } = await startStudio(folder)
    const { body } = await ask('document', { namespace: ['users', '1'], key: 'tea' })
    const input = { namespace: ['users', '1'], key: 'tea', version: body.version }
    expect(await ask('delete', input)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('--write') },
    })
    expect(await ask('retry')).toMatchObject({ status: 403 })
    expect(await ask('document', { namespace: ['users', '1'], key: 'tea' })).toMatchObject({ status: 200 })
  })

  test('Ctrl-C ends it, with requests open, and the next one has another token', async () => {
    const first = await startStudio(folder)
    const idle = request(`${first.origin}/api/info`, {
      method: 'POST',
      headers: { authorization: `Bearer ${first.token}` },
    })
    idle.on('error', () => {}).write('{')
    await once(idle, 'socket')
    expect(await first.stop()).toBe(130)
    const second = await startStudio(folder)
    expect(second.token).not.toBe(first.token)
    expect(second.token.length).toBeGreaterThanOrEqual(32)
  })

  test('a port that is taken, and a file that is not there, are said in a sentence', async () => {
    const { origin } = await startStudio(folder)
    const taken = await run(['studio', '--db', 'notes.db', '--port', new URL(origin).port], { folder })
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining('Cannot listen on 127.0.0.1') })
    expect(await run(['studio', '--db', 'none.db'], { folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no such file'),
    })
  })
})
