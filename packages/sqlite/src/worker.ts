/*
 * The entry point of the worker thread. What loads node:sqlite is imported only after its warning has been dealt with.
 */
import './quiet.js'

await import('./worker-loop.js')
