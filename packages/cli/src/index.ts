/**
 * The command `tandem`; as a library, what its configuration file is written with.
 * @module
 */

export { defineConfig } from './source/config-file.js'
