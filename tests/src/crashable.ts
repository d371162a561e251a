const never = new Promise<never>(() => {})

/** A port of a process that can crash: after `crash()` no new call does anything, and no call that runs ever answers. */
export function crashable<Port extends object>(port: Port): { readonly port: Port; crash(): void } {
  let isCrashed = false
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function' || typeof name === 'symbol') return value
        return (...args: unknown[]) => {
          if (isCrashed) return never
          const answer: unknown = Reflect.apply(value, target, args)
          return answer instanceof Promise ? answerOf(name === 'open' ? answer.then(wrap) : answer) : answer
        }
      },
    })
  /** Passes an answer on, unless the process has crashed by then. */
  const answerOf = async (answer: Promise<unknown>): Promise<unknown> => {
    try {
      const result = await answer
      return await (isCrashed ? never : result)
    } catch (error) {
      if (isCrashed) return never
      throw error
    }
  }
  return {
    port: wrap(port),
    crash: () => {
      isCrashed = true
    },
  }
}
