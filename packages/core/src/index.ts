export { StoreError, type StoreErrorCode, type StoreErrorOptions } from './errors.js'
