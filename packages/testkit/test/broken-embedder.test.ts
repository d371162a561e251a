import type { Embedder, EmbedOptions, EmbedResult } from '@tandemstore/core/adapter'
import { test } from 'vitest'
import { embedderChecks } from '../src/embedder/checks.js'
import { fakeEmbedder } from '../src/index.js'
import { expectCaught } from './check-runner.js'

type Embed = (texts: readonly string[], options: EmbedOptions) => Promise<EmbedResult>

function brokenEmbedder(breakIt: (good: Embed) => Embed, rest: Partial<Embedder> = {}): Embedder {
  const good = fakeEmbedder()
  return { ...good, embed: breakIt(async (texts, options) => good.embed(texts, options)), ...rest }
}

const changeVectors = (change: (vectors: Float32Array[], texts: readonly string[]) => Float32Array[]): Embedder =>
  brokenEmbedder((good) => async (texts, options) => {
    const { vectors } = await good(texts, options)
    return {
      vectors: change(
        vectors.map((vector) => Float32Array.from(vector)),
        texts,
      ),
    }
  })

const whole = 'one vector for each text, of one length, finite; of length 1 where the model says so'
const inOrder = 'a batch gives each text the vector it has alone, in the order of the texts'
let calls = 0

const broken: readonly [what: string, embedder: () => Embedder, caughtBy: string][] = [
  [
    'drops the last text',
    () => changeVectors((vectors) => (vectors.length > 1 ? vectors.slice(0, -1) : vectors)),
    whole,
  ],
  ['gives NaN', () => changeVectors((vectors) => vectors.map((vector) => vector.fill(Number.NaN, 0, 1))), whole],
  ['gives other dimensions', () => changeVectors((vectors) => vectors.map((vector) => vector.subarray(1))), whole],
  [
    'does not normalise',
    () => changeVectors((vectors) => vectors.map((vector) => vector.map((each) => each * 2))),
    whole,
  ],
  ['turns the order round', () => changeVectors((vectors) => vectors.reverse()), inOrder],
  [
    'sorts its texts',
    () =>
      changeVectors((vectors, texts) =>
        texts
          .map((text, i) => ({ text, i }))
          .sort((a, b) => (a.text < b.text ? -1 : 1))
          .map(({ i }) => vectors[i] as Float32Array),
      ),
    inOrder,
  ],
  [
    'gives other vectors each time',
    () => changeVectors((vectors) => vectors.map((vector) => vector.map((each) => each + ++calls * 1e-4))),
    'the same texts have the same vectors, also twice in one batch',
  ],
  [
    'does not put its prefix before the text',
    () => brokenEmbedder((good) => good, { model: { provider: 'fake', name: 'fake', prefixes: { query: 'query: ' } } }),
    'both purposes are served, and differ where the model has a prefix for one',
  ],
  [
    'refuses as many texts as it says it takes',
    () =>
      brokenEmbedder(
        (good) => async (texts, options) => ({ vectors: (await good(texts.slice(0, 49), options)).vectors }),
        { limits: { maxInputs: 50 } },
      ),
    'the declared limits are whole numbers, and a call of `maxInputs` texts works',
  ],
  [
    'counts too few tokens',
    () => {
      const good = fakeEmbedder()
      return { ...good, countTokens: (text) => Math.ceil(good.countTokens(text) / 2) }
    },
    'countTokens, where there is one, is a bound of what the provider counts',
  ],
  [
    'has an identity that is no JSON',
    () => brokenEmbedder((good) => good, { model: { provider: 'fake', name: 'fake', options: { size: Number.NaN } } }),
    'the model is plain JSON and names itself',
  ],
  [
    'does not look at the signal',
    () =>
      brokenEmbedder(
        (good) =>
          (texts, { purpose }) =>
            good(texts, { purpose }),
      ),
    'a signal that is aborted already rejects; one that aborts while it works ends it, and the next call works',
  ],
]

test.each(broken)('the suite catches an embedder that %s', async (_, embedder, caughtBy) => {
  await expectCaught({ embedderChecks }, caughtBy, { embedder: embedder() })
})
