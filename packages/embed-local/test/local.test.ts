import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createStore } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { local } from '@tandemstore/embed-local'
import { describe, expect, it } from 'vitest'

const embedder = local()
const data = readFileSync(new URL('../data/static-model.bin', import.meta.url))

const asDocument = { purpose: 'document' } as const
const embed = async (...texts: string[]) => (await embedder.embed(texts, asDocument)).vectors.map((each) => [...each])
const cosine = (a: readonly number[] = [], b: readonly number[] = []) =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)

describe('local', () => {
  it('says what it is before the table is read', () => {
    const { model, dimensions } = local()
    expect(model).toMatchObject({ provider: 'local', name: 'static-all-MiniLM-L6-v2', normalized: true })
    expect(model.revision).toMatch(/^[0-9a-f]{12}$/)
    expect(dimensions).toBe(256)
  })

  it.each([
    [{ model: 'all-MiniLM-L6-v2' }, 'options'],
    ['all-MiniLM-L6-v2', 'options'],
    [null, 'options'],
    [{ dimensions: 0 }, 'dimensions'],
    [{ dimensions: 63 }, 'dimensions'],
    [{ dimensions: 257 }, 'dimensions'],
    [{ dimensions: 64.5 }, 'dimensions'],
    [{ dimensions: '64' }, 'dimensions'],
    [{ data: 'static-model.bin' }, 'data'],
  ])('refuses %j', (options, field) => {
    expect(() => local(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })

  it('refuses bytes that are no table', () => {
    expect(() => local({ data: new Uint8Array(100) })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', field: 'data' }),
    )
  })

  it('puts texts of one meaning near each other', async () => {
    const [plane, jet, soup] = await embed(
      'The airplane landed safely.',
      'A jet touched down at the airport.',
      'Stir the soup and add salt.',
    )
    expect(plane).toHaveLength(256)
    expect(cosine(plane, plane)).toBeCloseTo(1, 5)
    expect(cosine(plane, jet)).toBeGreaterThan(cosine(plane, soup) + 0.2)
  })

  it('gives the same bits on every machine', async () => {
    const texts = [
      'How do I mock an HTTP request in a test?',
      'const retryAfterMs = 1_000 // naïve, Größe, привет, 日本語, 🙂',
      'boundary layer '.repeat(200),
      'ភាសាខ្មែរ',
    ]
    const { vectors } = await embedder.embed(texts, asDocument)
    const hash = createHash('sha256')
    for (const vector of vectors) for (const each of vector) hash.update(toBits(each))
    expect(hash.digest('hex')).toMatchInlineSnapshot(
      `"1130ba6cd357f4d543f774aea45c21bf3955c837c22722715822165d18d154d5"`,
    )
  })

  it('gives a text the same vector alone, in company and again', async () => {
    const [alone] = await embed('boundary layer')
    const [, , inCompany, again] = await embed('wing '.repeat(100), 'x', 'boundary layer', ' boundary\nlayer ')
    expect(inCompany).toEqual(alone)
    expect(again).toEqual(alone)
  })

  it('gives shorter vectors that are the beginning of the long ones, as a model of its own', async () => {
    const short = local({ dimensions: 64 })
    const text = 'The airplane landed safely.'
    const [whole = []] = await embed(text)
    const { vectors } = await short.embed([text], asDocument)
    const beginning = whole.slice(0, 64)
    const length = Math.hypot(...beginning)
    expect(vectors[0]).toHaveLength(64)
    beginning.forEach((each, i) => {
      expect(vectors[0]?.[i]).toBeCloseTo(each / length, 5)
    })
    expect(short.model).toEqual({ ...embedder.model, options: { dimensions: 64 } })
    expect(local({ dimensions: 256 }).model).toEqual(embedder.model)
  })

  it('takes the bytes of a table, which say what model it is', async () => {
    const given = local({ data })
    expect(given.model).toEqual(embedder.model)
    const { vectors } = await given.embed(['green tea'], asDocument)
    expect([...(vectors[0] ?? [])]).toEqual((await embed('green tea'))[0])
  })

  it('embeds any script by its pieces, and tells words of it apart', async () => {
    for (const [text, same, other] of [
      ['ភាសាខ្មែរ', 'ភាសាខ្មែរ!', 'សួស្តី'],
      ['быстрая коричневая лиса', 'коричневая лиса', 'холодный чай'],
      ['🙂 🙃', '🙃', '🚀'],
      ['ᏣᎳᎩ', 'ᏣᎳᎩ ᏣᎳᎩ', 'ᎦᏬᏂ'],
    ] as const) {
      const [whole, near, far] = await embed(text, same, other)
      expect(cosine(whole, near), text).toBeGreaterThan(cosine(whole, far) + 0.1)
    }
  })

  it('refuses a text with nothing to embed', async () => {
    for (const nothing of ['', ' \n', '\u200b'])
      await expect(embed('one', nothing)).rejects.toMatchObject({ code: 'EMBEDDING_FAILED', retryable: false })
  })

  it('reads the whole of a text, and counts words and symbols as the limit does', async () => {
    const { vectors, tokens } = await embedder.embed(['wing '.repeat(600), `${'wing '.repeat(600)}zebra`], asDocument)
    expect(tokens).toBe(600 + 601)
    expect(vectors[1]).not.toEqual(vectors[0])
    expect(embedder.countTokens('wing '.repeat(600))).toBe(600)
  })

  it('finds what stands at the end of a text far above the limit', async () => {
    await using store = await createStore({
      collection: 'long',
      kv: memoryKV(),
      vectors: memoryIndex(),
      embedder,
      index: { fields: ['text'] },
    })
    const filler = 'The bank raised the interest rate on savings accounts. '.repeat(2000)
    await store.put(['a'], 'cat', { text: `${filler}\n\nThe cat sleeps all day.` }, { sync: 'wait' })
    await store.put(['a'], 'bank', { text: filler }, { sync: 'wait' })
    const [best] = await store.search(['a'], { query: 'where does the cat sleep?' })
    expect(best?.document.key).toBe('cat')
  })

  it('lets others have the event loop while it embeds a batch', async () => {
    const progress: string[] = []
    const long = 'wing flow heat plate '.repeat(5000)
    const done = embedder.embed(new Array(40).fill(long), asDocument).then(() => progress.push('embedded'))
    await new Promise<void>((resolve) => setImmediate(resolve))
    progress.push('other')
    await done
    expect(progress).toEqual(['other', 'embedded'])
  })

  it('is aborted by its signal in the middle of a batch', async () => {
    const controller = new AbortController()
    const long = 'wing flow heat plate '.repeat(5000)
    const aborted = embedder.embed(new Array(40).fill(long), { purpose: 'document', signal: controller.signal })
    setImmediate(() => controller.abort(new Error('enough')))
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
    expect(await embed('still there')).toHaveLength(1)
  })

  it('refuses calls once it is closed, and leaves others their table', async () => {
    const closed = local()
    const pending = expect(
      (async () => {
        await using _ = closed
        return closed.embed(['hello'], asDocument)
      })(),
    ).rejects.toMatchObject({ code: 'CLOSED' })
    await pending
    await expect(closed.embed(['hello'], asDocument)).rejects.toMatchObject({ code: 'CLOSED' })
    expect(await embed('still there')).toHaveLength(1)
  })
})

function toBits(value: number): Uint8Array {
  const bits = new DataView(new ArrayBuffer(4))
  bits.setFloat32(0, value)
  return new Uint8Array(bits.buffer)
}
