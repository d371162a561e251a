import { describe, expect, it } from 'vitest'
import { knownModel } from '../src/known-models.js'
import { pool } from '../src/pooling.js'

describe('knownModel', () => {
  it.each([
    ['Xenova/bge-small-en-v1.5', 'cls', 'Represent this sentence for searching relevant passages: ', undefined],
    ['Xenova/e5-small-v2', 'mean', 'query: ', 'passage: '],
    ['Xenova/multilingual-e5-large', 'mean', 'query: ', 'passage: '],
    ['nomic-ai/nomic-embed-text-v1.5', 'mean', 'search_query: ', 'search_document: '],
    ['Snowflake/snowflake-arctic-embed-m-v2.0', 'cls', 'query: ', undefined],
    ['onnx-community/bge-m3-ONNX', 'cls', undefined, undefined],
  ])('knows %s', (name, pooling, query, document) => {
    const model = knownModel(name)
    expect(model?.pooling).toBe(pooling)
    expect([model?.prefixes?.query, model?.prefixes?.document]).toEqual([query, document])
  })

  it.each(['all-MiniLM-L6-v2', 'me/bge-small-en-v1.5-tuned', 'me/my-e5-small', 'bge-small-en-v1.5/onnx'])(
    'does not guess about %s',
    (name) => {
      expect(knownModel(name)).toBeUndefined()
    },
  )
})

describe('pool', () => {
  const tokens = [3, 4, 0, 0, 5, 0, 0, 3, 4] // three tokens of three dimensions

  it.each([
    ['mean', [3, 12, 4]],
    ['cls', [3, 4, 0]],
    ['last', [0, 3, 4]],
  ] as const)('gives by %s a vector of length 1', (pooling, direction) => {
    const length = Math.hypot(...direction)
    const vector = pool(tokens, 3, pooling)
    expect(vector).toBeInstanceOf(Float32Array)
    expect([...vector]).toEqual(direction.map((x) => Math.fround(x / length)))
  })

  it('gives nothing for nothing, and no NaN', () => {
    expect([...pool([0, 0], 2, 'mean')]).toEqual([0, 0])
  })
})
