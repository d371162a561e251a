export { type AdapterNameOptions, adapterName } from './adapter-name.js'
