export { type OpenAIClient, type OpenAIOptions, openai } from './openai.js'
