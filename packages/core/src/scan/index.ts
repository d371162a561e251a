/**
 * Exact nearest-neighbour search over a quantised copy of vectors, for adapters that keep vectors in their own process.
 * @module
 */

export { Clusters } from './clusters.js'
export { findNearest, type NearestOptions } from './nearest.js'
export { PackedVectors } from './packed-vectors.js'
export { dot, exactScore } from './score.js'
export { TopDocuments } from './top-documents.js'
