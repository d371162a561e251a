import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { embedTokens, tokenizer } from '@tandemstore/embed-local/make'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { carryOver, timesSeen } from '../src/carry-over.ts'
import { chooseTexts } from '../src/choose-texts.ts'
import { agreement, evaluate, titlesAndBodies } from '../src/evaluate.ts'
import { fitRows } from '../src/fit.ts'
import { principalProjection } from '../src/project.ts'
import { quantize } from '../src/quantize.ts'
import { readPassages } from '../src/read-texts.ts'
import { frequentWords } from '../src/vocabulary.ts'

const dimensions = 8

/** Numbers from -1 to 1, from a fixed seed. */
function randomNumbers(count: number, seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** Texts of five of forty tokens, and the vectors that hidden rows give them. */
function lessonsFrom(hidden: Float32Array, count: number) {
  const numbers = randomNumbers(count * 5, 7)
  const texts = Array.from({ length: count }, (_, i) =>
    Int32Array.from(numbers.subarray(i * 5, i * 5 + 5), (x) => Math.min(39, Math.floor((x + 1) * 20))),
  )
  const targets = new Float32Array(count * dimensions)
  for (const [i, text] of texts.entries()) targets.set(sumOf(hidden, text), i * dimensions)
  return { texts, targets, dimensions }
}

function sumOf(rows: Float32Array, text: Iterable<number>): Float64Array {
  const sum = new Float64Array(dimensions)
  for (const row of text) for (let i = 0; i < dimensions; i++) sum[i] += rows[row * dimensions + i]
  const length = Math.hypot(...sum)
  return sum.map((x) => x / length)
}

describe('fitRows', () => {
  const hidden = randomNumbers(40 * dimensions, 1)
  const lessons = lessonsFrom(hidden, 1280)

  it('comes to rows whose sums point where the targets do, the same ones each time', () => {
    const cosines: number[] = []
    const fitted = [1, 2].map(() => {
      const rows = randomNumbers(40 * dimensions, 2)
      fitRows(rows, lessons, { epochs: 30, rate: 0.4, onEpoch: (_, cosine) => cosines.push(cosine) })
      return rows
    })
    expect(cosines[0]).toBeLessThan(0.8)
    expect(cosines[29]).toBeGreaterThan(0.99)
    expect(fitted[0]).toEqual(fitted[1])
  })
})

describe('carryOver', () => {
  it('does to rows that were not seen what was done to those that were', () => {
    const before = randomNumbers(40 * dimensions, 3)
    const after = before.map((x, i) => (i % dimensions === 0 ? -x : 2 * x))
    const seen = new Uint32Array(40).fill(100)
    seen[39] = 0
    after.set(new Float32Array(dimensions), 39 * dimensions)
    const mapped = carryOver(before, after, seen, dimensions)
    for (let i = 1; i < dimensions; i++) {
      const at = 39 * dimensions + i
      expect(Math.abs(mapped[at] - 2 * before[at])).toBeLessThan(0.15)
    }
  })

  it('counts the texts that have a row, not how often they have it', () => {
    expect([...timesSeen([Int32Array.of(0, 0, 2), Int32Array.of(2)], 3)]).toEqual([1, 0, 2])
  })
})

describe('principalProjection', () => {
  it('keeps the dimension in which vectors differ most, first', () => {
    const vectors = Float32Array.from([3, 0.1, 0, -3, 0.1, 0, 3, -0.1, 0.2, -3, -0.1, 0.2])
    const turned = principalProjection(vectors, 3, 2).apply(vectors, false)
    expect(Math.abs(turned[0])).toBeCloseTo(3, 3)
    expect(Math.abs(turned[1])).toBeLessThan(0.3)
    const unit = principalProjection(vectors, 3, 2).apply(vectors, true)
    expect(Math.hypot(unit[0], unit[1])).toBeCloseTo(1, 6)
  })
})

describe('quantize', () => {
  it('keeps rows within half a step, and names what it made by its content', () => {
    const rows = randomNumbers(3 * dimensions, 4)
    const model = quantize('m', ['green', 'tea', 'cat'], rows, dimensions)
    for (const [i, value] of model.values.entries()) {
      const scale = model.scales[Math.floor(i / dimensions)]
      expect(Math.abs(value * scale - rows[i])).toBeLessThanOrEqual(scale * 0.501)
    }
    expect(model.revision).toMatch(/^[0-9a-f]{12}$/)
    expect(quantize('m', ['green', 'tea', 'cat'], rows, dimensions).revision).toBe(model.revision)
    expect(quantize('m', ['green', 'tea', 'dog'], rows, dimensions).revision).not.toBe(model.revision)
    const vector = embedTokens(tokenizer(model.vocabulary).encode('green tea'), model, dimensions)
    const expected = sumOf(rows, [0, 1])
    for (const [i, each] of (vector ?? []).entries()) expect(each).toBeCloseTo(expected[i], 1)
  })
})

describe('frequentWords', () => {
  it('gives words that the vocabulary has only in pieces, the most frequent first', () => {
    const texts = ['parse json now', 'json again', 'parse the schema', 'json']
    expect(frequentWords(texts, ['now', 'again', 'the'], 2)).toEqual(['json', 'parse'])
  })
})

describe('readPassages', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-static-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function read(path: string, content: string) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
    return (await readPassages({ id: 'x', name: 'x', folder })).map(({ title, body }) => [title, body])
  }

  it('reads sections of Markdown without code', async () => {
    const text =
      '# Retry\n\n## Backing off\n\nWaits a little longer [after](x) each failure.\n\n```js\nretry() // and then some more\n```\n'
    expect(await read('README.md', text)).toEqual([['Retry: Backing off', 'Waits a little longer after each failure.']])
  })

  it('reads comments of type declarations', async () => {
    const text =
      '/**\n * Opens the file again. What was written to it before that moment is there, as it was.\n * @param a x\n */\n'
    expect(await read('a.d.ts', text)).toEqual([
      ['Opens the file again.', 'What was written to it before that moment is there, as it was.'],
    ])
  })

  it('reads docstrings of Python, but for tests', async () => {
    const text = 'def f():\n  """Computes the mean of all the values.\n\n  >>> f()\n  """\n'
    expect(await read('m/f.py', text)).toEqual([['', 'Computes the mean of all the values.']])
    expect(await read('m/tests/g.py', text.replace('mean', 'median'))).toHaveLength(1)
  })

  it('reads definitions of WordNet', async () => {
    const line =
      '00003993 03 n 02 green_tea 0 tea 1 001 @ 00003553 n 0000 | a drink made of leaves that are not fermented  \n'
    expect(await read('dict/data.noun', `  1 a licence\n${line}`)).toEqual([
      ['green tea, tea', 'a drink made of leaves that are not fermented'],
    ])
  })

  it('leaves out what is no language', async () => {
    expect(
      await read('README.md', '# A\n\n0x00 0x01 0x02 0x03 0x04 0x05 0x06\n\n| --- | --- | --- | --- | --- |\n'),
    ).toEqual([])
  })
})

describe('chooseTexts', () => {
  it('takes each text once, in an order that the order of packages does not change', () => {
    const [a, b] = ['one', 'two'].map((name) => ({
      name,
      passages: [
        { title: '', body: `${name} says this` },
        { title: '', body: 'both say this' },
      ],
    }))
    expect(chooseTexts([a, b])).toEqual(chooseTexts([b, a]))
    expect(chooseTexts([a, b])).toHaveLength(3)
  })
})

describe('the figures', () => {
  const topics = ['green tea leaves', 'distant bright stars', 'old steam trains']
  const passages = topics.map((topic) => ({
    title: `About ${topic}`,
    body: `This is what there is to say about ${topic} today.`,
  }))
  const { encode } = tokenizer(topics.flatMap((topic) => topic.split(' ')))
  const byWords = (text: string) => {
    const vector = new Float32Array(9)
    for (const token of encode(text)) if (token >= 0) vector[token] += 1
    return vector
  }

  it('are 1 where every question finds its passage first, and less where it does not', () => {
    const collection = titlesAndBodies(passages)
    expect(evaluate(collection, byWords)).toEqual({ ndcg10: 1, recall100: 1 })
    expect(evaluate(collection, () => new Float32Array(9)).ndcg10).toBeLessThan(1)
  })

  it('tell how many neighbours two models share', () => {
    const texts = Array.from({ length: 40 }, (_, i) => String(i))
    const own = randomNumbers(40 * 4, 5)
    const embed = (text: string) => own.subarray(Number(text) * 4, Number(text) * 4 + 4)
    expect(agreement(texts, embed, texts.map(embed))).toBe(1)
    const others = randomNumbers(40 * 4, 6)
    expect(
      agreement(
        texts,
        embed,
        texts.map((_, i) => others.subarray(i * 4, i * 4 + 4)),
      ),
    ).toBeLessThan(0.6)
  })
})
