type Method = (...args: never[]) => unknown

/** One call of an adapter, as a handler sees it. */
export interface Call<F extends Method = Method> {
  readonly name: string
  readonly args: Parameters<F>
  /** Lets the adapter do it, also after the end of the process, as a packet on its way would. */
  run(args?: Parameters<F>): Promise<Awaited<ReturnType<F>>>
}

/** What takes the place of the adapter for a call. */
export type Handler<F extends Method> = (call: Call<F>) => Promise<Awaited<ReturnType<F>>>

/** Every method of an interface; optional ones too. */
type MethodOf<T, K extends keyof T> = NonNullable<T[K]> extends Method ? NonNullable<T[K]> : never

/** Tells an adapter what to do instead, and remembers what it was asked. */
export interface Script<T> {
  readonly calls: readonly Call[]
  /** The next call of this method, or the next for which `when` holds, goes to the handler. */
  once<K extends keyof T & string>(
    name: K,
    handler: Handler<MethodOf<T, K>>,
    when?: (args: Parameters<MethodOf<T, K>>) => boolean,
  ): void
  /** Every call of this method goes to the handler, until the function that is given back is called. */
  always<K extends keyof T & string>(name: K, handler: Handler<MethodOf<T, K>>): () => void
  /** Forgets what was to be done instead. */
  clear(): void
  /** As if the process had died: no new call does anything, and none ends any more. */
  cut(): void
}

interface Rule {
  readonly name: string
  readonly once: boolean
  readonly when: (args: never) => boolean
  readonly handler: Handler<Method>
}

/** Puts a script between an adapter and whoever calls it. */
export function scripted<T extends object>(target: T): { readonly adapter: T; readonly script: Script<T> } {
  const { wrap, script } = scriptOf<T>()
  return { adapter: wrap(target), script }
}

/** A script for handles that are opened later. */
export function scriptOf<T extends object>(): { wrap(target: T): T; readonly script: Script<T> } {
  const calls: Call[] = []
  const rules = new Set<Rule>()
  let dead = false
  const never = new Promise<never>(() => {})

  const answer = async (call: Call): Promise<unknown> => {
    calls.push(call)
    if (dead) return never
    for (const rule of rules) {
      if (rule.name !== call.name || !rule.when(call.args as never)) continue
      if (rule.once) rules.delete(rule)
      return settleUnlessDead(rule.handler(call) as Promise<unknown>)
    }
    return settleUnlessDead(call.run())
  }
  /** An answer that comes after the end of the process is heard by nobody. */
  const settleUnlessDead = async (answered: Promise<unknown>): Promise<unknown> => {
    try {
      const result = await answered
      return dead ? never : result
    } catch (error) {
      if (dead) return never
      throw error
    }
  }
  const add = (rule: Rule): (() => void) => {
    rules.add(rule)
    return () => void rules.delete(rule)
  }
  const script: Script<T> = {
    calls,
    once: (name, handler, when = () => true) =>
      void add({ name, once: true, when: when as Rule['when'], handler: handler as Handler<Method> }),
    always: (name, handler) => add({ name, once: false, when: () => true, handler: handler as Handler<Method> }),
    clear: () => rules.clear(),
    cut: () => {
      dead = true
    },
  }
  const wrap = (target: T): T =>
    new Proxy(target, {
      get(object, name, receiver) {
        const value: unknown = Reflect.get(object, name, receiver)
        if (typeof value !== 'function' || typeof name !== 'string') return value
        return (...args: never[]) =>
          answer({ name, args, run: async (given = args) => Reflect.apply(value, object, given) })
      },
    })
  return { wrap, script }
}

/** A handler that keeps a call back until it is released; then the adapter does it. */
export function hold(): {
  handler(call: Call): Promise<never>
  /** The call has come. */
  readonly arrived: Promise<Call>
  release(): void
} {
  const arrived = Promise.withResolvers<Call>()
  const released = Promise.withResolvers<void>()
  return {
    handler: async (call) => {
      arrived.resolve(call)
      await released.promise
      return call.run() as Promise<never>
    },
    arrived: arrived.promise,
    release: () => released.resolve(),
  }
}

/** A handler that fails at once, while the calls take effect only when they land. */
export function late(error: unknown): { handler(call: Call): Promise<never>; land(): Promise<void> } {
  const calls: Call[] = []
  return {
    handler: async (call) => {
      calls.push(call)
      throw error
    },
    async land() {
      // What is on its way cannot be called off any more.
      for (const call of calls.splice(0)) await call.run(call.args.with(-1, {} as never) as never[])
    },
  }
}

/** A handler that fails before the call takes effect. */
export function fails(error: unknown): () => Promise<never> {
  return async () => {
    throw error
  }
}

/** A handler that fails after the call has taken effect. */
export function failsAfter(error: unknown): (call: Call) => Promise<never> {
  return async (call) => {
    await call.run()
    throw error
  }
}
