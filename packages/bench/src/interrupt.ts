/** 128 and the number of SIGINT, as a shell has it. */
const INTERRUPTED = 130
/** A program that started this one, such as npm, may pass a Ctrl-C on that the terminal has sent to both. */
const SAME_PRESS_MS = 500

/** What `untilInterrupted` needs of a process; another one in tests. */
export interface Interruptible {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  exit(code: number): never
  readonly stderr: { write(text: string): unknown }
}

/**
 * Runs a command so that Ctrl-C (and SIGTERM) aborts the signal it is given, waits until the command has cleaned up
 * and settled, and ends the process with 130. A second Ctrl-C ends it at once.
 */
export async function untilInterrupted<Result>(
  run: (signal: AbortSignal) => Promise<Result>,
  own: Interruptible = process,
): Promise<Result> {
  const interrupt = new AbortController()
  let pressedAt = 0
  const onSignal = (): void => {
    if (!interrupt.signal.aborted) {
      pressedAt = performance.now()
      own.stderr.write('\nStopping, and deleting what was written. Ctrl-C again ends at once, and leaves it.\n')
      interrupt.abort()
    } else if (performance.now() - pressedAt > SAME_PRESS_MS) own.exit(INTERRUPTED)
  }
  own.on('SIGINT', onSignal)
  own.on('SIGTERM', onSignal)
  try {
    const result = await run(interrupt.signal)
    if (!interrupt.signal.aborted) return result
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    if (!isAbort(error)) own.stderr.write(`While stopping: ${error instanceof Error ? error.message : String(error)}\n`)
  } finally {
    own.off('SIGINT', onSignal)
    own.off('SIGTERM', onSignal)
  }
  // A model's thread or a driver's socket may still be open.
  return own.exit(INTERRUPTED)
}

function isAbort(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown }
  return name === 'AbortError' || code === 'ABORTED' || code === 'CLOSED'
}
