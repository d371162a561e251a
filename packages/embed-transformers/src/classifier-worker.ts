import { workerData } from 'node:worker_threads'
import { answerRequests, loadOnce } from './answering.js'
import { loadClassifier } from './classifier.js'
import type { ClassifierRequest, ClassifierValue } from './protocol.js'

const classifier = loadOnce(() => loadClassifier(workerData))

answerRequests<ClassifierRequest, ClassifierValue>('RERANK_FAILED', async (request) => {
  const { info, score } = await classifier()
  return request === 'load' ? info : score(request.query, request.text)
})
