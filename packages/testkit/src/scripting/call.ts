/** A call that a port got. */
export interface Call {
  readonly method: string
  readonly args: readonly unknown[]
}

/** A call that a behaviour decides about. */
export interface ScriptedCall extends Call {
  readonly signal: AbortSignal | undefined
  /** Carries the call out, with its own arguments or others. */
  proceed(args?: readonly unknown[]): Promise<unknown>
}

/** What happens in the place of a call: gives its answer, or throws. */
export type Behaviour = (call: ScriptedCall) => unknown
