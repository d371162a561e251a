import type { Call } from '../scripting/call.js'
import { script } from '../scripting/script.js'

/** A port that remembers what was called of it, so that a check that fails can say which method it is about. */
export interface Observed<Port> {
  readonly port: Port
  /** Begins a check: earlier calls are not about it. */
  start(): void
  /**
   * The calls since then, such as `KVCollection.list (after KVCollection.put 3 times)`; undefined if there was none.
   */
  describe(): string | undefined
}

/** How many different calls before the last one are told. */
const TOLD = 4

/** `portName` has the methods of the port itself, `handleName` those of what its `open` gives. */
export function observe<Port extends object>(port: Port, portName: string, handleName = portName): Observed<Port> {
  const scripted = script(port)
  let from = 0
  const nameOf = ({ method }: Call) => `${method in port ? portName : handleName}.${method}`
  return {
    port: scripted.port,
    start() {
      from = scripted.calls.length
    },
    describe() {
      const runs: { readonly name: string; times: number }[] = []
      for (const name of scripted.calls.slice(from).map(nameOf)) {
        const last = runs.at(-1)
        if (last?.name === name) last.times += 1
        else runs.push({ name, times: 1 })
      }
      const last = runs.pop()
      if (last === undefined) return undefined
      const before = runs.slice(-TOLD).map(({ name, times }) => (times === 1 ? name : `${name} ${times} times`))
      return before.length === 0 ? last.name : `${last.name} (after ${before.join(', ')})`
    },
  }
}
