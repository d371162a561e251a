import { workerData } from 'node:worker_threads'
import { answerRequests, loadOnce } from './answering.js'
import { loadModel } from './model.js'
import type { WorkerRequest, WorkerValue } from './protocol.js'

const model = loadOnce(() => loadModel(workerData))

answerRequests<WorkerRequest, WorkerValue>(
  'EMBEDDING_FAILED',
  async (request) => {
    const { info, embed } = await model()
    return request === 'load' ? info : embed(request.text)
  },
  (value) => ('vector' in value ? [value.vector.buffer] : []),
)
