export { embedTokens } from './embed-tokens.js'
export { readStaticModel, type StaticModel, writeStaticModel } from './static-model.js'
export { type Tokenizer, tokenizer } from './tokenizer.js'
