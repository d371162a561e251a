export { type LocalEmbedder, type LocalOptions, local } from './local.js'
