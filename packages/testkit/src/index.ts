/**
 * Conformance suites for the ports of Tandem, to be called from a vitest file.
 * @module
 */

export { kvBackendSuite } from './kv/suite.js'
export type { SuiteOptions } from './shared/suite-options.js'
export { vectorIndexSuite } from './vectors/suite.js'
