export { type LocalEmbedder, local } from './local.js'
