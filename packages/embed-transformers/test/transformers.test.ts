import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type TransformersOptions, transformers } from '@tandemstore/embed-transformers'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { hasModel, modelName, modelsFolder, skipped } from './models-folder.js'

if (!hasModel) console.warn(skipped)

const here = { model: modelName, localModelPath: modelsFolder } satisfies TransformersOptions
const asDocument = { purpose: 'document' } as const
const cosine = (a: ArrayLike<number> = [], b: ArrayLike<number> = []) =>
  Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)
const words = (count: number) =>
  Array.from({ length: count }, (_, i) => ['wing', 'flow', 'heat', 'plate'][i % 4]).join(' ')

describe('transformers, before a model is loaded', () => {
  it('says what the model is', () => {
    expect(transformers(here).model).toEqual({
      provider: 'transformers',
      name: modelName,
      dtype: 'q8',
      pooling: 'mean',
      normalized: true,
      prefixes: {},
    })
    const { model } = transformers({ model: 'Xenova/e5-small-v2', dtype: 'fp32', revision: 'abc', maxInputTokens: 100 })
    expect(model).toMatchObject({ dtype: 'fp32', revision: 'abc', options: { maxInputTokens: 100 } })
    expect(model.prefixes).toEqual({ query: 'query: ', document: 'passage: ' })
    const own = transformers({ model: 'Xenova/e5-small-v2', prefixes: { query: 'q ' }, pooling: 'last' })
    expect(own.model).toMatchObject({ pooling: 'last', prefixes: { query: 'q ' } })
  })

  it('counts no fewer tokens than there are, and does not claim to know the dimensions', () => {
    const embedder = transformers(here)
    expect(embedder.dimensions).toBeUndefined()
    expect(embedder.countTokens('日本')).toBeGreaterThanOrEqual(8)
    expect(transformers({ ...here, maxInputTokens: 9 }).limits).toMatchObject({ maxInputTokens: 9 })
  })

  it.each([
    [undefined, 'model'],
    [{ model: '' }, 'model'],
    [{ ...here, threads: 0 }, 'threads'],
    [{ ...here, maxInputTokens: 1.5 }, 'maxInputTokens'],
    [{ ...here, pooling: 'max' }, 'pooling'],
  ])('refuses %j', (options, field) => {
    expect(() => transformers(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })
})

describe.skipIf(!hasModel)('transformers, with a model from a folder', () => {
  const embedder = transformers({ ...here, threads: 1 })
  const others: { close(): Promise<void> }[] = []
  const other = (options: Partial<TransformersOptions>) => {
    const made = transformers({ ...here, threads: 1, ...options })
    others.push(made)
    return made
  }
  afterEach(async () => {
    await Promise.all(others.splice(0).map((made) => made.close()))
  })
  afterAll(() => embedder.close())

  it('puts texts of one meaning near each other', async () => {
    const texts = ['The airplane landed safely.', 'A jet touched down at the airport.', 'Stir the soup and add salt.']
    const { vectors } = await embedder.embed(texts, asDocument)
    const [plane, jet, soup] = vectors
    expect(plane).toHaveLength(384)
    expect(cosine(plane, plane)).toBeCloseTo(1, 6)
    expect(cosine(plane, jet)).toBeGreaterThan(cosine(plane, soup) + 0.2)
    expect(embedder.dimensions).toBe(384)
  })

  it('gives a text the same vector alone, in company and again', async () => {
    const [alone] = (await embedder.embed(['boundary layer'], asDocument)).vectors
    const { vectors } = await embedder.embed([words(100), 'boundary layer', 'x', 'boundary layer'], asDocument)
    expect(vectors[1]).toEqual(alone)
    expect(vectors[3]).toEqual(alone)
  })

  it('counts the tokens it reads, and cuts at the limit of the model', async () => {
    await embedder.load()
    expect(embedder.limits).toMatchObject({ maxInputTokens: 512 })
    for (const text of ['', 'hello world', 'Antidisestablishmentarianism, naïve Übergröße 東京 🚀', words(600)]) {
      const { tokens } = await embedder.embed([text], asDocument)
      expect(tokens).toBe(Math.min(embedder.countTokens(text), 512))
    }
    const { vectors } = await embedder.embed([words(510), words(600)], asDocument)
    expect(vectors[1]).toEqual(vectors[0])
  })

  it('cuts at a lower limit, and keeps the special token at the end', async () => {
    const short = other({ maxInputTokens: 8 })
    const { vectors, tokens } = await short.embed([words(6), words(20)], asDocument)
    expect(tokens).toBe(16)
    expect(vectors[1]).toEqual(vectors[0])
    const [whole] = (await embedder.embed([words(6)], asDocument)).vectors
    expect(vectors[0]).toEqual(whole)
    expect(short.limits).toMatchObject({ maxInputTokens: 8 })
  })

  it('puts the prefix of the purpose before a text, and counts it', async () => {
    const prefixed = other({ prefixes: { query: 'query: ', document: 'a much longer passage: ' } })
    const [query] = (await prefixed.embed(['wings'], { purpose: 'query' })).vectors
    const [document] = (await prefixed.embed(['wings'], asDocument)).vectors
    const { vectors } = await embedder.embed(['query: wings', 'a much longer passage: wings'], asDocument)
    expect([query, document]).toEqual(vectors)
    expect(prefixed.countTokens('wings')).toBe(embedder.countTokens('a much longer passage: wings'))
  })

  it('pools as it is told', async () => {
    const [mean] = (await embedder.embed(['swept wings'], asDocument)).vectors
    const [cls] = (await other({ pooling: 'cls' }).embed(['swept wings'], asDocument)).vectors
    expect(cosine(cls, cls)).toBeCloseTo(1, 6)
    expect(cosine(mean, cls)).toBeLessThan(0.99)
  })

  it('says which file is missing for a format that is not there', async () => {
    const error = { code: 'CONFIGURATION', retryable: false, message: expect.stringMatching(/fp16.*model_fp16\.onnx/) }
    await expect(other({ dtype: 'fp16' }).load()).rejects.toMatchObject(error)
  })

  it('is aborted by its signal', async () => {
    const controller = new AbortController()
    const call = embedder.embed([words(400), words(400)], { purpose: 'document', signal: controller.signal })
    const check = expect(call).rejects.toMatchObject({ code: 'ABORTED' })
    controller.abort()
    await check
    expect((await embedder.embed(['still there'], asDocument)).vectors).toHaveLength(1)
  })

  it('leaves the event loop free', async () => {
    const progress: string[] = []
    const done = embedder.embed([words(400), words(400)], asDocument).then(() => progress.push('embedded'))
    await new Promise<void>((resolve) => setTimeout(() => resolve(), 1))
    progress.push('timer')
    await done
    expect(progress).toEqual(['timer', 'embedded'])
  })

  it('keeps a process alive while it is asked, and lets it end without close', async () => {
    const program = `
      import { transformers } from '@tandemstore/embed-transformers'
      const embedder = transformers(${JSON.stringify(here)})
      const { vectors } = await embedder.embed(['hello'], { purpose: 'query' })
      console.log(vectors[0].length)`
    const args = ['--input-type=module', '-e', program]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })
    expect({ stdout, stderr }).toEqual({ stdout: '384\n', stderr: '' })
  })

  it('refuses calls after close, and those that were pending', async () => {
    const closed = other({})
    const pending = expect(closed.embed(['hello'], asDocument)).rejects.toMatchObject({ code: 'CLOSED' })
    await closed.close()
    await pending
    await expect(closed.embed(['hello'], asDocument)).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
