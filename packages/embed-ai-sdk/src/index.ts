export { type AiSdkModel, type AiSdkOptions, aiSdk, type ProviderOptions } from './ai-sdk.js'
