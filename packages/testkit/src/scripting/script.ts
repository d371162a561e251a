import type { Behaviour, Call } from './call.js'
import { type Gate, type Held, heldBehaviour, type LateCall, lateBehaviour } from './gates.js'

// biome-ignore lint/suspicious/noExplicitAny: any function, whatever its arguments
type Function_ = (...args: any[]) => unknown
type MethodsOf<T> = { [K in keyof T]-?: NonNullable<T[K]> extends Function_ ? K : never }[keyof T] & string
type HandleOf<Port> = Port extends { open: (...args: never[]) => Promise<infer Handle> } ? Handle : never
type MethodOf<T, M extends string> = M extends keyof T ? Extract<NonNullable<T[M]>, Function_> : never

/** The methods of a port, and of the handles that its `open` gives. */
export type Method<Port> = MethodsOf<Port> | MethodsOf<HandleOf<Port>>
export type ArgumentsOf<Port, M extends string> = Parameters<MethodOf<Port, M> | MethodOf<HandleOf<Port>, M>>

/** Which calls of a method a behaviour is for. */
export interface When<Args extends readonly unknown[] = readonly unknown[]> {
  /** The first of them, counted from 1 among the calls from now on that no earlier rule takes. Default 1. */
  readonly nth?: number | undefined
  /** How many in a row. Default 1. */
  readonly times?: number | undefined
  /** Only calls for which this holds are counted. */
  readonly where?: ((...args: Args) => boolean) | undefined
}

export interface Script<Port> {
  /** The port to hand on: it records every call, and follows the script. */
  readonly port: Port
  /** Every call so far, oldest first, those of the handles too. The arguments are the objects that were passed. */
  readonly calls: readonly Call[]
  /** The arguments of every call of one method. */
  callsOf<M extends Method<Port>>(method: M): ArgumentsOf<Port, M>[]
  /** Lets a behaviour take the place of the next call of a method, or of those that `when` picks. */
  on<M extends Method<Port>>(method: M, behaviour: Behaviour, when?: When<ArgumentsOf<Port, M>>): void
  /**
   * Stops the next call (or the one that `when` picks) until it is let go: before it is carried out or, with `after`,
   * when it took effect and only the answer is missing.
   */
  hold<M extends Method<Port>>(method: M, when?: When<ArgumentsOf<Port, M>> & Gate): Held<ArgumentsOf<Port, M>>
  /** Fails the next call (or the one that `when` picks) with an error; the call takes effect when `land` is called. */
  late<M extends Method<Port>>(method: M, error: unknown, when?: When<ArgumentsOf<Port, M>>): LateCall
}

interface Rule {
  readonly method: string
  readonly behaviour: Behaviour
  readonly where: (...args: never) => boolean
  /** Calls to let pass. */
  wait: number
  /** Calls to take after that. */
  left: number
}

/**
 * Puts a recorder and a script around any port. Without a rule a call goes through as it is, so that the decorated
 * adapter is as good as the adapter.
 */
export function script<Port extends object>(port: Port): Script<Port> {
  const calls: Call[] = []
  const rules: Rule[] = []

  const take = (method: string, args: readonly unknown[]): Behaviour | undefined => {
    for (const rule of rules) {
      if (rule.method !== method || rule.left === 0 || !rule.where(...(args as never))) continue
      if (rule.wait > 0) {
        rule.wait -= 1
        continue
      }
      rule.left -= 1
      return rule.behaviour
    }
    return undefined
  }
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const value = Reflect.get(target, name, target)
        if (typeof value !== 'function' || typeof name === 'symbol') return value
        return (...args: unknown[]) => {
          calls.push({ method: name, args })
          const carryOut = (given: readonly unknown[]): unknown => {
            const answer = Reflect.apply(value, target, given)
            return name === 'open' ? (answer as Promise<object>).then(wrap) : answer
          }
          const behaviour = take(name, args)
          if (behaviour === undefined) return carryOut(args)
          const call = { method: name, args, signal: signalOf(args), proceed: async (given = args) => carryOut(given) }
          return (async () => behaviour(call))()
        }
      },
    })
  const on: Script<Port>['on'] = (method, behaviour, { nth = 1, times = 1, where = () => true } = {}) => {
    rules.push({ method, behaviour, where, wait: nth - 1, left: times })
  }
  return {
    port: wrap(port),
    calls,
    callsOf: (method) => calls.filter((call) => call.method === method).map(({ args }) => args as never),
    on,
    hold(method, when = {}) {
      const { behaviour, held } = heldBehaviour(when)
      on(method, behaviour, when)
      return held as never
    },
    late(method, error, when) {
      const { behaviour, call } = lateBehaviour(error)
      on(method, behaviour, when)
      return call
    },
  }
}

/** Every method of a port takes its options last. */
function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const last = args.at(-1)
  if (typeof last !== 'object' || last === null || !('signal' in last)) return undefined
  return last.signal instanceof AbortSignal ? last.signal : undefined
}
