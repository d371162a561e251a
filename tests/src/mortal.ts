const never = new Promise<never>(() => {})

/** A port as a process uses it that can die: from then on no new call does anything, and none ends any more. */
export function mortal<Port extends object>(port: Port): { readonly port: Port; die(): void } {
  let dead = false
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function' || typeof name === 'symbol') return value
        return (...args: unknown[]) => {
          if (dead) return never
          const answer: unknown = Reflect.apply(value, target, args)
          return answer instanceof Promise ? heard(name === 'open' ? answer.then(wrap) : answer) : answer
        }
      },
    })
  /** An answer that comes after the end of the process is heard by nobody. */
  const heard = async (answer: Promise<unknown>): Promise<unknown> => {
    try {
      const result = await answer
      return await (dead ? never : result)
    } catch (error) {
      if (dead) return never
      throw error
    }
  }
  return {
    port: wrap(port),
    die: () => {
      dead = true
    },
  }
}
