export type { GenAIClient, LegacyClient } from './clients.js'
export { type GeminiOptions, gemini } from './gemini.js'
