import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TransformersOptions, transformers } from '@tandemstore/embed-transformers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startHub } from './hub.js'
import { hasModel, modelName, modelsFolder, skipped } from './models-folder.js'

if (!hasModel) console.warn(skipped)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-models-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Loads a model, closes it again, and gives its dimensions. */
async function load(options: Partial<TransformersOptions>, signal?: AbortSignal): Promise<number | undefined> {
  await using embedder = transformers({ model: modelName, cacheDir: join(folder, 'cache'), threads: 1, ...options })
  await embedder.load({ signal })
  return embedder.dimensions
}

describe('a model that is not to be had', () => {
  it('is CONFIGURATION where the folder has none, and the hub is not asked', async () => {
    await using hub = await startHub(folder)
    const error = { code: 'CONFIGURATION', message: expect.stringContaining(join(folder, modelName, 'config.json')) }
    await expect(load({ localModelPath: folder, remoteHost: hub.url })).rejects.toMatchObject(error)
    await expect(load({ allowRemote: false })).rejects.toMatchObject({ code: 'CONFIGURATION' })
    expect(hub.requests).toEqual([])
  })

  it.each([404, 401, 403])('is CONFIGURATION where the hub answers %i', async (status) => {
    await using hub = await startHub(folder, (response) => response.writeHead(status).end())
    const error = { code: 'CONFIGURATION', retryable: false, message: expect.stringContaining(hub.url) }
    await expect(load({ localModelPath: folder, allowRemote: true, remoteHost: hub.url })).rejects.toMatchObject(error)
    expect(hub.requests.length).toBeGreaterThan(0)
  })

  it.each([429, 500, 502, 503])('is UNAVAILABLE where the hub answers %i', async (status) => {
    await using hub = await startHub(folder, (response) => response.writeHead(status).end())
    await expect(load({ remoteHost: hub.url })).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  it('is UNAVAILABLE where there is no hub', async () => {
    const hub = await startHub(folder)
    await hub[Symbol.asyncDispose]()
    await expect(load({ remoteHost: hub.url })).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  it('is not waited for after an abort', async () => {
    const controller = new AbortController()
    await using hub = await startHub(folder, () => controller.abort())
    await expect(load({ remoteHost: hub.url }, controller.signal)).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describe.skipIf(!hasModel)('a model on the hub', () => {
  it.each([
    ['main', undefined],
    ['refs/pr/9', 'refs/pr/9'],
  ])('is downloaded at revision %s, and needs no hub after that', async (asked, revision) => {
    const hub = await startHub(modelsFolder)
    const options = { remoteHost: hub.url, revision }
    expect(await load(options)).toBe(384)
    const paths = hub.requests.map((path) => path.slice(0, `/${modelName}/resolve/${asked}/`.length))
    expect(new Set(paths)).toEqual(new Set([`/${modelName}/resolve/${asked}/`]))
    await hub[Symbol.asyncDispose]()
    expect(await load(options)).toBe(384)
  })

  it('is not asked for where the folder has it', async () => {
    await using hub = await startHub(folder)
    expect(await load({ localModelPath: modelsFolder, allowRemote: true, remoteHost: hub.url })).toBe(384)
    expect(hub.requests).toEqual([])
  })

  it('can be had later where it could not at first', async () => {
    let down = true
    await using working = await startHub(modelsFolder)
    await using hub = await startHub(folder, (response) => {
      if (down) response.writeHead(503).end()
      else response.writeHead(307, { location: new URL(hub.requests.at(-1) ?? '', working.url).href }).end()
    })
    await using embedder = transformers({ model: modelName, cacheDir: join(folder, 'cache'), remoteHost: hub.url })
    await expect(embedder.load()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    down = false
    await embedder.load()
    expect(embedder.dimensions).toBe(384)
  })
})
