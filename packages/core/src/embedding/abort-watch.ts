interface Abortable {
  abort(signal: AbortSignal): void
}

/**
 * Tells requests that their signal was aborted. There is one listener for each signal, however many requests share it:
 * adding and removing a listener takes time in proportion to those there are.
 */
export function createAbortWatch(): {
  watch(signal: AbortSignal, request: Abortable): void
  unwatch(signal: AbortSignal, request: Abortable): void
} {
  const watched = new WeakMap<AbortSignal, { readonly requests: Set<Abortable>; readonly onAbort: () => void }>()
  return {
    watch(signal, request) {
      let entry = watched.get(signal)
      if (entry === undefined) {
        const requests = new Set<Abortable>()
        const onAbort = () => {
          watched.delete(signal)
          for (const each of requests) each.abort(signal)
        }
        entry = { requests, onAbort }
        watched.set(signal, entry)
        signal.addEventListener('abort', onAbort, { once: true })
      }
      entry.requests.add(request)
    },
    unwatch(signal, request) {
      const entry = watched.get(signal)
      if (entry === undefined) return
      entry.requests.delete(request)
      if (entry.requests.size > 0) return
      watched.delete(signal)
      signal.removeEventListener('abort', entry.onAbort)
    },
  }
}
