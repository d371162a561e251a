import fc from 'fast-check'
import { countTokens as cl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, it } from 'vitest'
import { countTokens } from '../src/tokens.js'
import { answerOf, callTool, connect, openStore, textOf } from './support.js'

const namespace = ['users', 'ann']

const texts: Record<string, string> = {
  English: 'She prefers green tea in the morning, and takes the train to Oxford on Thursdays at 9:45.',
  German: 'Die Donaudampfschifffahrtsgesellschaft hat ihre Geschäftsführung überraschend ausgewechselt.',
  Chinese: '她早上喜欢喝绿茶，每周四坐火车去牛津。数据库里的文档和向量总是保持一致。',
  Japanese: '彼女は朝に緑茶を飲むのが好きで、木曜日には電車でオックスフォードに行きます。',
  Korean: '그녀는 아침에 녹차를 마시는 것을 좋아하고 목요일에는 기차를 탑니다.',
  Arabic: 'إنها تفضل الشاي الأخضر في الصباح وتستقل القطار يوم الخميس.',
  Russian: 'Утром она предпочитает зелёный чай, а по четвергам ездит на поезде в Оксфорд.',
  Hindi: 'वह सुबह हरी चाय पसंद करती है और गुरुवार को ट्रेन से जाती है।',
  code: "const hits = await store.search(['users', '42'], { query, filter: { year: { $gte: 2025 } } })",
  json: '{"key":"0mx3rdhwv-3547457b","labels":["work","x"],"title":"Tea","date":"2026-11-30","score":0.285}',
  identifiers: 'ERR_1042 getUserName @scope/pkg 10.0.0.1 7f3a9c2e-11d4-4f6b-9c0e-5b1f2a3c4d5e C++ e-mail@example.org',
  emoji: '🍵 🚂 👩‍💻 🇩🇪 tea time 🎉🎉',
}

describe('countTokens', () => {
  it.each(Object.entries(texts))(
    'counts no fewer than tokenizers do, and at most thrice as many: %s',
    (_name, text) => {
      const real = Math.max(o200k(text), cl100k(text))
      expect(countTokens(text)).toBeGreaterThanOrEqual(Math.min(o200k(text), cl100k(text)))
      expect(countTokens(text)).toBeLessThanOrEqual(3 * real)
    },
  )
})

describe('a search', () => {
  const title = fc.oneof(
    fc
      .array(fc.constantFrom(...Object.values(texts).flatMap((text) => text.split(' '))), {
        minLength: 1,
        maxLength: 30,
      })
      .map((words) => words.join(' ')),
    fc.constantFrom(...Object.values(texts)),
  )

  it('answers with at most 2,000 tokens, and counts what it left out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(title, { minLength: 60, maxLength: 60 }), async (titles) => {
        const store = await openStore()
        await store.putMany(
          titles.map((title, i) => ({
            namespace: [...namespace, `label ${i % 5}`],
            key: `key-${i}-${[...title].slice(0, 20).join('')}`,
            value: { text: `tea ${title}` },
          })),
          { sync: 'wait' },
        )
        const client = await connect(store, { namespace })
        const seen = new Set<string>()
        for (let offset: number | undefined = 0; offset !== undefined; ) {
          const result = await callTool(client, 'memory_search', { query: 'tea', limit: 60, offset })
          const { hits, left_out, next_offset } = result.structuredContent as {
            hits: { key: string }[]
            left_out: number
            next_offset?: number
          }
          for (const shown of [textOf(result), JSON.stringify(result.structuredContent)]) {
            expect(o200k(shown)).toBeLessThanOrEqual(2000)
            expect(cl100k(shown)).toBeLessThanOrEqual(2000)
          }
          if (left_out > 0) expect(hits.length).toBeGreaterThan(10)
          for (const { key } of hits) seen.add(key)
          expect(seen.size + left_out).toBe(60)
          expect(next_offset === undefined).toBe(left_out === 0)
          offset = next_offset
        }
        expect(seen.size).toBe(60)
        await store.close()
      }),
      { numRuns: 10 },
    )
  })

  it('shows more where more is allowed, and says what is left', async () => {
    const store = await openStore()
    await store.putMany(
      Array.from({ length: 100 }, (_, i) => ({
        namespace,
        key: `${i}`,
        value: { text: `tea number ${i} of many, ${texts.English}` },
      })),
      { sync: 'wait' },
    )
    const client = await connect(store, { namespace })
    const few = await callTool(client, 'memory_search', { query: 'tea', limit: 100, max_tokens: 400 })
    const {
      hits,
      left_out: leftOut,
      next_offset: next,
    } = few.structuredContent as { hits: unknown[]; left_out: number; next_offset: number }
    expect(hits.length).toBeGreaterThan(1)
    expect(hits.length + leftOut).toBe(100)
    expect(next).toBe(hits.length)
    expect(textOf(few)).toContain(
      `${hits.length} hits (mode vector), ${leftOut} left out for max_tokens; offset ${next} shows more.`,
    )
    const all = await answerOf(client, 'memory_search', { query: 'tea', limit: 100, max_tokens: 50_000 })
    expect(all.hits).toHaveLength(100)
  })
})

describe('a list', () => {
  it('gives pages that fit, whose cursors miss nothing', async () => {
    const store = await openStore()
    const keys = Array.from({ length: 90 }, (_, i) => `${String(i).padStart(2, '0')} ${'long key '.repeat(i % 20)}`)
    await store.putMany(keys.map((key) => ({ namespace, key, value: { text: texts.Chinese as string } })))
    const client = await connect(store, { namespace })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const result = await callTool(client, 'memory_list', {
        limit: 100,
        max_tokens: 900,
        ...(cursor === undefined ? {} : { cursor }),
      })
      const page = result.structuredContent as { memories: { key: string }[]; cursor?: string }
      expect(o200k(JSON.stringify(page))).toBeLessThanOrEqual(900)
      expect(o200k(textOf(result))).toBeLessThanOrEqual(900)
      seen.push(...page.memories.map(({ key }) => key))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(seen).toEqual(keys)
  })

  it('bounds the labels that it names', async () => {
    const store = await openStore()
    await store.putMany(
      Array.from({ length: 200 }, (_, i) => ({
        namespace: [...namespace, `${i} ${'wide '.repeat(40)}`],
        key: 'a',
        value: { text: 'x' },
      })),
    )
    const client = await connect(store, { namespace })
    const result = await answerOf(client, 'memory_list')
    expect(result.more_labels).toBe(true)
    expect(o200k(JSON.stringify(result))).toBeLessThanOrEqual(2000)
  })
})
