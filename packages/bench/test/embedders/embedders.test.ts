import { StoreError } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openEmbedder } from '../../src/embedders/open-embedder.js'
import { checkSpecs, parseSpec } from '../../src/embedders/specs.js'
import { tryEmbedder } from '../../src/embedders/try-embedder.js'
import { importOptional } from '../../src/optional.js'
import { folderOf } from '../corpus/folder-of.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

test('specs are read', () => {
  expect(parseSpec('local')).toEqual({ provider: 'local', model: '' })
  expect(parseSpec('transformers:Xenova/all-MiniLM-L6-v2')).toEqual({
    provider: 'transformers',
    model: 'Xenova/all-MiniLM-L6-v2',
  })
  for (const wrong of ['', 'local:', 'openai', 'openai:', 'Local', 'x:y', 'transformers :a']) {
    expect(() => parseSpec(wrong)).toThrow(StoreError)
  }
})

describe('an embedder', () => {
  test('of this machine costs nothing, one of a provider what is known or said', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'none')
    vi.stubEnv('OPENAI_BASE_URL', '')
    const price = async (input: Parameters<typeof openEmbedder>[0]) => (await openEmbedder(input)).pricePerMillionTokens
    expect(await price('local')).toBe(0)
    expect(await price('openai:text-embedding-3-small')).toBe(0.02)
    expect(await price({ spec: 'openai:text-embedding-3-small', pricePerMillionTokens: 0.01 })).toBe(0.01)
    expect(await price('openai:another')).toBeUndefined()
    expect(await price(fakeEmbedder())).toBeUndefined()
    vi.stubEnv('OPENAI_BASE_URL', 'http://localhost:1/v1')
    expect(await price('openai:text-embedding-3-small')).toBeUndefined()
  })

  test('that somebody else made stays open', async () => {
    const close = vi.fn()
    const embedder = { ...fakeEmbedder(), close }
    const open = await openEmbedder({ name: 'mine', embedder })
    await open.close()
    expect(open).toMatchObject({ name: 'mine', embedder })
    expect(close).not.toHaveBeenCalled()
  })
})

describe('what cannot be had comes with a reason', () => {
  const reasonOf = async (input: Parameters<typeof openEmbedder>[0]) => {
    const error = await openEmbedder(input)
      .then(({ embedder }) => tryEmbedder(embedder))
      .catch((each: unknown) => each)
    return error instanceof Error ? error.message : undefined
  }

  test('for want of a key', async () => {
    for (const name of ['OPENAI_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY']) vi.stubEnv(name, '')
    expect(await reasonOf('openai:text-embedding-3-small')).toContain('OPENAI_API_KEY')
    expect(await reasonOf('gemini:gemini-embedding-001')).toContain('API_KEY')
  })

  test('for want of a model, saying where it was looked for', async () => {
    const models = await folderOf({})
    const ask = vi.fn<typeof fetch>(() => Promise.reject(new TypeError('fetch failed')))
    vi.stubGlobal('fetch', ask)
    const missing = await openEmbedder('transformers:a/b', { models })
    // It may be in the cache of the library, so nobody is asked before it is tried.
    expect(ask).not.toHaveBeenCalled()
    expect(await missing.explain?.()).toBe(`It is not in ${models}, and the Hugging Face hub cannot be reached`)
    vi.stubEnv('TANDEM_MODELS', '')
    const nowhere = await openEmbedder('transformers:a/b')
    ask.mockImplementation(async () => new Response(null, { status: 401 }))
    expect(await nowhere.explain?.()).toBe(
      'There is no folder of models (--models, TANDEM_MODELS), and the Hugging Face hub answers 401 for a/b',
    )
    ask.mockImplementation(async () => new Response(null))
    expect(await nowhere.explain?.()).toBeUndefined()
    await Promise.all([missing.close(), nowhere.close()])
  })

  test('for want of a package, saying what to install', async () => {
    const missing = Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' })
    await expect(importOptional('@tandemstore/embed-openai', () => Promise.reject(missing))).rejects.toThrow(
      'npm install @tandemstore/embed-openai',
    )
  })

  test('when it answers with something else than a vector, or not at all', async () => {
    const broken = (embed: Embedder['embed']): Embedder => ({
      model: { provider: 'x', name: 'y' },
      dimensions: 2,
      embed,
    })
    expect(await reasonOf(broken(() => ({ vectors: [[1, 2, 3]] })))).toMatch(/dimensions/)
    expect(await reasonOf(broken(() => ({ vectors: [] })))).toMatch(/vectors/)
    expect(
      await reasonOf(
        broken(() => {
          throw new StoreError('AUTHENTICATION', 'The key is refused')
        }),
      ),
    ).toMatch(/The key is refused/)
  })

  test('and a wrong word is no reason but an error', () => {
    const embedder = fakeEmbedder()
    expect(() => checkSpecs([embedder, 'nothing'])).toThrow('"nothing" names no embedder')
    expect(() => checkSpecs([embedder, embedder])).toThrow('Two embedders are called fake:fake')
    checkSpecs([embedder, 'local'])
  })
})

test('one that can be had is tried with one word', async () => {
  const embedder = fakeEmbedder()
  await tryEmbedder(embedder)
  expect(embedder.calls.map(({ texts }) => texts)).toEqual([['word']])
})
