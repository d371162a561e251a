/** The bytes of the data file, where a bundler is told to give those. */
declare const bytes: Uint8Array
export default bytes
