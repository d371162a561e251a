/**
 * Conformance suites for the ports of Tandem, to be called from a vitest file; a fake embedder and a fake reranker; and a script that
 * records the calls of any port and injects faults.
 * @module
 */

export { embeddingCacheSuite } from './cache/suite.js'
export { embedderSuite } from './embedder/suite.js'
export { type FakeEmbedder, type FakeEmbedderOptions, fakeEmbedder } from './fakes/fake-embedder.js'
export { type FakeReranker, type FakeRerankerOptions, fakeReranker } from './fakes/fake-reranker.js'
export { kvBackendSuite } from './kv/suite.js'
export { rerankerSuite } from './reranker/suite.js'
export {
  breakOff,
  changeAnswer,
  fail,
  hang,
  loseAnswer,
  notANumber,
  rateLimited,
  wrongCount,
  wrongDimensions,
} from './scripting/behaviours.js'
export type { Behaviour, Call, ScriptedCall } from './scripting/call.js'
export type { Gate, Held, LateCall } from './scripting/gates.js'
export { type ArgumentsOf, type Method, type Script, script, type When } from './scripting/script.js'
export type { SuiteOptions } from './shared/describe-checks.js'
export { vectorIndexSuite } from './vectors/suite.js'
