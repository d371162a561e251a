export { type AdapterNameCacheOptions, adapterNameCache } from './adapter-name.js'
