import type { Behaviour } from '@tandemstore/testkit'

/** Keeps every call back while it is closed. */
export function gate(): { readonly behaviour: Behaviour; readonly reached: Promise<void>; open(): void } {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  return {
    behaviour: async (call) => {
      reached.resolve()
      await opened.promise
      return call.proceed()
    },
    reached: reached.promise,
    open: opened.resolve,
  }
}

/** Lets every call fail while it lasts. */
export function outage(error: () => unknown): { readonly behaviour: Behaviour; end(): void } {
  let lasts = true
  return {
    behaviour: (call) => {
      if (lasts) throw error()
      return call.proceed()
    },
    end: () => {
      lasts = false
    },
  }
}

/** Every call from now on. */
export const always = { times: Number.POSITIVE_INFINITY } as const
