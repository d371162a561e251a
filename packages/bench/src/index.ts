export { type CompareOptions, compare } from './compare/compare.js'
export { formatComparison } from './compare/summary-table.js'
export { type BenchConfig, type CompareConfig, defineConfig } from './config/config.js'
export type { Corpus, CorpusDocument, CorpusQuery } from './corpus/corpus.js'
export { type CorpusOptions, loadCorpus, loadUnjudgedCorpus } from './corpus/load-corpus.js'
export type { EmbedderInput, NamedEmbedder, NamedSpec, OpenEmbedder } from './embedders/available.js'
export { type OpenEmbedderOptions, openEmbedder } from './embedders/open-embedder.js'
export { type IngestOptions, runIngest } from './ingest/ingest.js'
export type { StoreKind } from './options.js'
export { renderPage } from './page/page.js'
export { type ProfileOptions, runProfile } from './profile/profile.js'
export { createProgress, type Progress } from './progress.js'
export type {
  ComparedEmbedder,
  ComparedMode,
  ComparedModes,
  ComparedSearch,
  CompareReport,
  Estimate,
  IngestReport,
  Latencies,
  Machine,
  ProfileReport,
  Quality,
  Report,
  ReportBase,
  Significance,
  StressReport,
  ThroughputPoint,
  WordSearches,
} from './result.js'
export type { StoreConnection, StorePlace } from './store/open-store.js'
export { runStress, type StressOptions } from './stress/stress.js'
export type { KeywordsSetting } from './workload/keywords.js'
export { type BenchTexts, corpusTexts, syntheticTexts } from './workload/texts.js'
export type { WorkloadOptions } from './workload/workload.js'
