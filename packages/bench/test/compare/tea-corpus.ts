import { StoreError } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'
import type { Corpus } from '../../src/corpus/corpus.js'
import { seededRandom } from '../../src/random.js'

const topics = ['tea', 'stars', 'trains', 'rivers', 'bread', 'maps', 'bees', 'clocks']
const words = ['old', 'small', 'the', 'a', 'of', 'in', 'quick', 'first', 'last', 'blue', 'many', 'two']

/** Eight documents of each topic, and a query for each, some graded. */
export function makeCorpus(perTopic = 8): Corpus {
  const random = seededRandom(1, 'corpus')
  const some = () => Array.from({ length: 6 }, () => words[random.integer(words.length)]).join(' ')
  const documents = topics.flatMap((topic) =>
    Array.from({ length: perTopic }, (_, i) => ({ id: `${topic}-${i}`, text: `${some()} ${topic} ${some()}` })),
  )
  const queries = topics.map((topic) => ({
    id: topic,
    text: `many ${topic} in the old blue`,
    judgements: new Map(
      documents.filter(({ id }) => id.startsWith(`${topic}-`)).map(({ id }, i) => [id, i === 0 ? 2 : 1]),
    ),
  }))
  return { name: 'tea and more', kind: 'judged', documents, queries, warnings: [] }
}

/** Words have directions of their own in 64 dimensions; in 4 many are near one another, so it finds worse. */
export const good = () => fakeEmbedder({ model: 'good', dimensions: 64 })
export const poor = () => fakeEmbedder({ model: 'poor', dimensions: 4 })

export interface Failing {
  readonly embedder: Embedder
  /** Documents' texts since the beginning, or since it was mended. */
  readonly embedded: string[]
  mend(): void
}

/** Refuses everything from some document on, until it is mended. */
export function failing(embedder: Embedder, after: number): Failing {
  const embedded: string[] = []
  let left = after
  return {
    embedded,
    mend: () => {
      left = Number.POSITIVE_INFINITY
      embedded.length = 0
    },
    embedder: {
      ...embedder,
      limits: { maxInputs: 4, maxConcurrency: 1 },
      embed: async (texts, options) => {
        if (options.purpose === 'document') {
          if (left <= 0) throw new StoreError('AUTHENTICATION', 'The account is closed')
          left -= texts.length
          embedded.push(...texts)
        }
        return embedder.embed(texts, options)
      },
    },
  }
}
