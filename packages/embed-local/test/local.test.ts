import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { local } from '@tandemstore/embed-local'
import { afterAll, describe, expect, it } from 'vitest'

const embedder = local()
afterAll(() => embedder.close())

const asDocument = { purpose: 'document' } as const
const embed = async (...texts: string[]) =>
  (await embedder.embed(texts, asDocument)).vectors.map((vector) => [...vector])
const cosine = (a: readonly number[] = [], b: readonly number[] = []) =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)
const words = (count: number) =>
  Array.from({ length: count }, (_, i) => ['wing', 'flow', 'heat', 'plate'][i % 4]).join(' ')

describe('local', () => {
  it('says what it is before the model is loaded', () => {
    const { model, dimensions, limits } = local()
    expect(model).toEqual({ provider: 'local', name: 'universal-sentence-encoder-lite', normalized: true })
    expect(dimensions).toBe(512)
    expect(limits).toMatchObject({ maxInputTokens: 128 })
  })

  it('refuses options, as there is no model to choose', () => {
    for (const options of [{ model: 'all-MiniLM-L6-v2' }, 'all-MiniLM-L6-v2'])
      expect(() => local(options as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', field: 'options' }),
      )
  })

  it('puts texts of one meaning near each other', async () => {
    const [plane, jet, soup] = await embed(
      'The airplane landed safely.',
      'A jet touched down at the airport.',
      'Stir the soup and add salt.',
    )
    expect(plane).toHaveLength(512)
    expect(cosine(plane, plane)).toBeCloseTo(1, 5)
    expect(cosine(plane, jet)).toBeGreaterThan(cosine(plane, soup) + 0.2)
  })

  it('gives a text the same vector alone, in company and again', async () => {
    const [alone] = await embed('boundary layer')
    const [, , inCompany, again] = await embed(words(100), 'x', 'boundary layer', ' boundary\nlayer ')
    expect(inCompany).toEqual(alone)
    expect(again).toEqual(alone)
  })

  it('reads 128 tokens, counts them as the limit says, and reports those read', async () => {
    expect(embedder.countTokens(words(128))).toBe(128)
    const { vectors, tokens } = await embedder.embed([words(127), words(128), `${words(128)} zebra banana`], asDocument)
    expect(tokens).toBe(127 + 128 + 128)
    expect(vectors[2]).toEqual(vectors[1])
    expect(vectors[1]).not.toEqual(vectors[0])
  })

  it('refuses a text with nothing to embed', async () => {
    await expect(embed('one', ' \n')).rejects.toMatchObject({ code: 'EMBEDDING_FAILED', retryable: false })
  })

  it('leaves the event loop free', async () => {
    const progress: string[] = []
    const done = embed(...Array.from({ length: 4 }, () => words(128))).then(() => progress.push('embedded'))
    await new Promise<void>((resolve) => setTimeout(() => resolve(), 1))
    progress.push('timer')
    await done
    expect(progress).toEqual(['timer', 'embedded'])
  })

  it('is aborted by its signal', async () => {
    const controller = new AbortController()
    const aborted = embedder.embed([words(128), words(128)], { purpose: 'document', signal: controller.signal })
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await embed('still there')).toHaveLength(1)
  })

  it('keeps a process alive while it is asked, and lets it end without close', async () => {
    const program = `
      import { local } from '@tandemstore/embed-local'
      const { vectors } = await local().embed(['hello'], { purpose: 'query' })
      console.log(vectors[0].length)`
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
    })
    expect({ stdout, stderr }).toEqual({ stdout: '512\n', stderr: '' })
  })

  it('frees its worker when it is disposed of', async () => {
    const disposed = local()
    await using _ = disposed
    const pending = expect(disposed.embed(['hello'], asDocument)).rejects.toMatchObject({ code: 'CLOSED' })
    await disposed.close()
    await pending
  })
})
