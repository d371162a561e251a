import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CrossEncoderOptions, crossEncoder } from '@tandemstore/embed-transformers'
import { rerankerSuite } from '@tandemstore/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasModel, modelName, modelsFolder, skipped } from './models-folder.js'
import { writeTinyCrossEncoder } from './tiny-cross-encoder.js'

if (!hasModel) console.warn(skipped)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-cross-encoder-'))
  await writeTinyCrossEncoder(folder, 'tiny')
  await writeTinyCrossEncoder(folder, 'two', { outputs: 2 })
  await writeTinyCrossEncoder(folder, 'three', { outputs: 3 })
})
afterAll(() => rm(folder, { recursive: true }))

const open: { close(): Promise<void> }[] = []
const make = (options: Partial<CrossEncoderOptions> = {}) => {
  const made = crossEncoder({ model: 'tiny', dtype: 'fp32', localModelPath: folder, threads: 1, ...options })
  open.push(made)
  return made
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((made) => made.close()))
})

rerankerSuite('crossEncoder, by a tiny model', async () => {
  const localModelPath = await mkdtemp(join(tmpdir(), 'tandem-cross-encoder-suite-'))
  await writeTinyCrossEncoder(localModelPath, 'tiny')
  const reranker = crossEncoder({ model: 'tiny', dtype: 'fp32', localModelPath, threads: 1 })
  return {
    reranker,
    cleanup: async () => {
      await reranker.close()
      await rm(localModelPath, { recursive: true })
    },
  }
})

// The logit is how many pairs of equal tokens query and text have, [SEP] among them, above 2.
const texts = ['the harbour was full of boats', 'revenue grew', 'in the harbour']
const logits = [2, -1, 2]

describe('crossEncoder', () => {
  it('gives the logits as they are, or between 0 and 1, in the same order', async () => {
    expect(await make({ activation: 'none' }).rerank('boats in the harbour', texts, {})).toEqual(logits)
    const scores = await make().rerank('boats in the harbour', texts, {})
    for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(1 / (1 + Math.exp(-(logits[i] as number))), 6)
  })

  it('takes of two classes the second above the first, and refuses more', async () => {
    expect(await make({ model: 'two', activation: 'none' }).rerank('boats in the harbour', texts, {})).toEqual(logits)
    await expect(make({ model: 'three' }).load()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('3 numbers for a pair'),
    })
  })

  it('says what it takes, once it is loaded', async () => {
    const reranker = make()
    expect(reranker.name).toBe('transformers/tiny')
    expect(reranker.limits).toEqual({ maxInputs: 4, maxConcurrency: 1 })
    expect(reranker.countTokens('boats')).toBeGreaterThanOrEqual(3)
    await reranker.load()
    expect(reranker.limits).toEqual({ maxInputs: 4, maxConcurrency: 1, maxInputTokens: 32 })
    expect(reranker.countTokens('boats in the harbour')).toBe(6)
  })

  it('cuts a pair at the end of its text, but for the special token', async () => {
    const reranker = make({ activation: 'none', maxInputTokens: 8 })
    // Of [CLS] boats [SEP] … [SEP] there is room for four words.
    const scores = await reranker.rerank('boats', ['in in in in boats', 'in in in boats boats'], {})
    expect(scores).toEqual([-1, 0])
  })

  it('is not to be had where it is not, and says where it was looked for', async () => {
    await expect(make({ model: 'missing' }).load()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(join(folder, 'missing')),
    })
  })

  it('refuses what comes after close', async () => {
    const reranker = make()
    await reranker.close()
    await expect(reranker.rerank('q', ['a'], {})).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it.each([
    [undefined, 'model'],
    [{ model: '' }, 'model'],
    [{ model: 'tiny', threads: 0 }, 'threads'],
    [{ model: 'tiny', activation: 'softmax' }, 'activation'],
  ])('refuses %j', (options, field) => {
    expect(() => crossEncoder(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })

  it.skipIf(!hasModel)('takes no embedding model for a cross-encoder', async () => {
    const reranker = make({ model: modelName, dtype: 'q8', localModelPath: modelsFolder })
    await expect(reranker.load()).rejects.toMatchObject({ code: 'CONFIGURATION' })
  })
})
