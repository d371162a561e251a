/*
 * The entry point of the worker thread. Everything that loads node:sqlite is imported after its warning is suppressed.
 */
import { suppressSqliteWarning } from './suppress-warning.js'

suppressSqliteWarning()
const [{ parentPort, workerData }, { startWorkerLoop }] = await Promise.all([
  import('node:worker_threads'),
  import('./worker-loop.js'),
])
if (parentPort === null) throw new Error('worker.js runs only as a worker thread')
startWorkerLoop(parentPort, workerData)
