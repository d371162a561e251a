export { type AiSdkModel, type AiSdkOptions, aiSdk, type ProviderOptions } from './ai-sdk.js'
export { type AiSdkRerankerOptions, type AiSdkRerankingModel, aiSdkReranker } from './reranker.js'
