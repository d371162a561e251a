import { parentPort } from 'node:worker_threads'
import { type StoreErrorCode, toWireError, type WorkerReply } from '@tandemstore/core/adapter'

/** Loads once; after a failure the next call tries again. */
export function loadOnce<Model>(load: () => Promise<Model>): () => Promise<Model> {
  let loading: Promise<Model> | undefined
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
}

/** Answers the requests to this worker one after another. `code`: of what is no StoreError. */
export function answerRequests<Request, Value>(
  code: StoreErrorCode,
  run: (request: Request) => Promise<Value>,
  transferOf: (value: Value) => ArrayBuffer[] = () => [],
): void {
  let last = Promise.resolve()
  const answer = async (request: Request): Promise<void> => {
    const reply = await run(request).then(
      (value): WorkerReply<Value> => ({ value }),
      (error): WorkerReply<Value> => ({ error: toWireError(error, code, 'The model failed') }),
    )
    parentPort?.postMessage(reply, 'value' in reply ? transferOf(reply.value) : [])
  }
  parentPort?.on('message', (request: Request) => {
    last = last.then(() => answer(request))
  })
}
