import { dropQdrantCollections, startQdrant } from '@tandemstore/testkit/services'
import { afterEach, describe, expect, test, vi } from 'vitest'

afterEach(() => vi.unstubAllEnvs())

describe('finding a Qdrant for tests', () => {
  test('a URL that is set is taken first, and stays when it is stopped', async () => {
    vi.stubEnv('TANDEM_QDRANT_WAY', undefined)
    vi.stubEnv('TANDEM_QDRANT_URL', 'http://127.0.0.1:1')
    vi.stubEnv('TANDEM_QDRANT_API_KEY', 'key')
    const lines: string[] = []
    const found = await startQdrant({ log: (line) => lines.push(line) })
    expect(found).toMatchObject({ url: 'http://127.0.0.1:1', apiKey: 'key', way: 'url' })
    expect(lines).toEqual(['by way of url: http://127.0.0.1:1'])
    await found?.stop()
  })

  test('where there is none it says what was tried, and what to do', async () => {
    vi.stubEnv('TANDEM_QDRANT_WAY', 'program')
    vi.stubEnv('PATH', '/nowhere')
    const lines: string[] = []
    expect(await startQdrant({ log: (line) => lines.push(line) })).toBeUndefined()
    expect(lines[0]).toBe('not by way of program: there is no qdrant on the PATH')
    for (const word of ['SKIPPED', 'TANDEM_QDRANT_URL', 'Docker', 'PATH', 'Python'])
      expect(lines.slice(1).join(' ')).toContain(word)
  })

  test('cleaning up never means everything', async () => {
    await expect(dropQdrantCollections({ url: 'http://127.0.0.1:1' }, '')).rejects.toThrow('every collection')
  })
})
