/*
 * The entry point of the worker thread. What loads node:sqlite is imported only after its warning has been dealt with.
 */
import { dropSqliteWarning } from './quiet.js'

dropSqliteWarning()
const { startWorkerLoop } = await import('./worker-loop.js')
startWorkerLoop()
