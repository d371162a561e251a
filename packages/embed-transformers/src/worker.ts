import { parentPort, workerData } from 'node:worker_threads'
import { toWireError, type WorkerReply } from '@tandemstore/core/adapter'
import { loadModel, type Model } from './model.js'
import type { WorkerRequest, WorkerValue } from './protocol.js'

let loading: Promise<Model> | undefined
let last = Promise.resolve()

parentPort?.on('message', (request: WorkerRequest) => {
  last = last.then(() => answer(request))
})

async function answer(request: WorkerRequest): Promise<void> {
  const reply = await run(request).then(
    (value): WorkerReply<WorkerValue> => ({ value }),
    (error): WorkerReply<WorkerValue> => ({ error: toWireError(error, 'EMBEDDING_FAILED', 'The model failed') }),
  )
  parentPort?.postMessage(reply, 'value' in reply && 'vector' in reply.value ? [reply.value.vector.buffer] : [])
}

async function run(request: WorkerRequest): Promise<WorkerValue> {
  loading ??= loadModel(workerData).catch((error: unknown) => {
    loading = undefined
    throw error
  })
  const model = await loading
  return request === 'load' ? model.info : model.embed(request.text)
}
