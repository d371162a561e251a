import { StoreError, type StoreOptions } from '@tandemstore/core'
import { gemini } from '@tandemstore/embed-gemini'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { small, useEmbeddingServer } from './fixture.ts'

const fixture = useEmbeddingServer()
const ref = { namespace: ['notes'], key: 'a' }
const five = [
  'The octopus has three hearts and blue blood.\n\n',
  'Basalt cools into columns with six sides each.\n\n',
  'A violin has four strings tuned in fifths now.\n\n',
  'Rye bread needs sourdough to rise quite well.\n\n',
  'Comets grow tails only when close to the sun.',
] as const
const body = five.join('')
/** A model that takes what one of the five has, and not two. */
const open = (onTooLong?: NonNullable<StoreOptions['embedding']>['onTooLong']) =>
  fixture.open(fixture.wire.openai({ ...small, limits: { maxInputTokens: 30 } }), {
    sync: 'wait',
    ...(onTooLong ? { embedding: { onTooLong } } : {}),
  })
type Opened = Awaited<ReturnType<typeof open>>
const points = async (store: Opened) => (await store.health()).space?.points
const texts = () => fixture.wire.sent.flatMap((each) => each.texts)

describe('a text that is too long for the model', () => {
  it('is embedded in parts where nothing else is said; the best one scores and is named', async () => {
    const store = await open()
    await store.put(ref.namespace, ref.key, { text: body })
    await store.put(ref.namespace, 'b', { text: 'Violins are made of spruce.' })
    expect(texts().slice(0, 5)).toEqual(five)
    expect(await points(store)).toBe(6)
    for (const [part, text] of five.entries()) {
      const hits = await store.search(ref.namespace, { query: text })
      expect(hits).toMatchObject([{ document: ref, matched: { field: 'text', part } }, { document: { key: 'b' } }])
      expect(hits[0]?.score).toBeCloseTo(1, 5)
    }
  })

  it('leaves no part behind when it gets shorter, grows again, or goes', async () => {
    const store = await open()
    const put = async (text: string) => {
      await store.put(ref.namespace, ref.key, { text })
      return points(store)
    }
    expect(await put(body)).toBe(5)
    expect(await put('One short text.')).toBe(1)
    expect(await store.search(ref.namespace, { query: five[4] })).toMatchObject([{ matched: { part: 0 } }])
    expect(await put(body)).toBe(5)
    expect(await put(`${five[0]}${five[1]}`)).toBe(2)
    expect(await put('')).toBe(0)
    expect(await put(body)).toBe(5)
    await store.delete(ref.namespace, ref.key)
    expect(await points(store)).toBe(0)
    expect(await store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
  })

  it('is embedded only where it has changed', async () => {
    const store = await open()
    await store.put(ref.namespace, ref.key, { text: body })
    const before = texts().length
    const changed = five.map((text, i) => (i === 2 ? 'A cello has four strings, tuned lower than that.\n\n' : text))
    await store.put(ref.namespace, ref.key, { text: changed.join('') })
    expect(texts().slice(before)).toEqual([changed[2]])
    expect(await points(store)).toBe(5)
  })

  it('is embedded by its beginning, where the store is told so', async () => {
    const store = await open('truncate')
    await store.put(ref.namespace, ref.key, { text: body })
    expect(texts()).toEqual([five[0]])
    expect(await points(store)).toBe(1)
    expect((await store.get(ref.namespace, ref.key))?.value).toEqual({ text: body })
  })

  it('is refused before anything is written, where the store is told so', async () => {
    const store = await open('error')
    const about = { code: 'EMBEDDING_FAILED', retryable: false, field: 'text', ...ref }
    const error = await store.put(ref.namespace, ref.key, { text: body }).catch((thrown: unknown) => thrown)
    expect(StoreError.isInstance(error)).toBe(true)
    expect(error).toMatchObject(about)
    const { written, failed } = await store.putMany([
      { ...ref, value: { text: body } },
      { ...ref, key: 'b', value: { text: 'Short.' } },
    ])
    expect(written).toBe(1)
    expect(failed).toMatchObject([{ key: 'a', error: about }])
    expect(await store.get(ref.namespace, ref.key)).toBeUndefined()
    expect(texts()).toEqual(['Short.'])
    await expect(store.search(ref.namespace, { query: body })).rejects.toMatchObject({ code: 'EMBEDDING_FAILED' })
  })

  it('that is a query is cut to what the model takes', async () => {
    const store = await open()
    await store.put(ref.namespace, ref.key, { text: body })
    expect(await store.search(ref.namespace, { query: body })).toMatchObject([{ document: ref, matched: { part: 0 } }])
    expect(texts().at(-1)).toBe(five[0])
  })

  it('joins to the whole, whatever it is made of, and no part is refused', async () => {
    const store = await fixture.open(
      gemini({
        ...{ model: 'gemini-embedding-2', dimensions: 16, limits: { maxInputs: 100, maxInputTokens: 40 } },
        ...{ apiKey: fixture.server.apiKey, baseUrl: fixture.server.geminiUrl },
      }),
      { sync: 'wait' },
    )
    const prefix = 'title: none | text: '
    const unit = fc.constantFrom('word ', 'Ende. ', '\n\n', '語', '🙂', '👩‍👩‍👧', 'long', ' '.repeat(200))
    // Numbered, as a text that comes twice is embedded once; a long word has no place to be cut.
    const number = (each: string, i: number) =>
      each === 'long' ? Array.from({ length: 30 }, (_, n) => `${i}-${n}`).join('') : `${i}${each}`
    const squeeze = (text: string) => text.replace(/\s+/g, '')
    await fc.assert(
      fc.asyncProperty(fc.array(unit, { minLength: 1, maxLength: 60 }), async (units) => {
        const text = units.map(number).join('')
        const before = fixture.server.requests.length
        await store.put(ref.namespace, `${before}`, { text })
        const parts = fixture.server.requests
          .slice(before)
          .flatMap(({ body: { requests } }) => requests)
          .map(({ content }) => content.parts[0].text.slice(prefix.length) as string)
        for (const part of parts) {
          expect(part.isWellFormed()).toBe(true)
          expect(text).toContain(part)
        }
        expect(squeeze(parts.join(''))).toBe(squeeze(text))
      }),
      { numRuns: 40 },
    )
    expect((await store.stats()).embeddings?.texts.failed).toBe(0)
  })
})
