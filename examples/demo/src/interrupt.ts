import { constants } from 'node:os'

export interface Interrupt {
  /** Aborted by the first Ctrl-C (SIGINT) or SIGTERM. */
  readonly signal: AbortSignal
  /** What the process then ends with: 128 and the signal's number, as a shell has it. */
  exitCode(): number
}

/** One press of Ctrl-C can arrive twice: from the terminal, and from a parent process that hands it on. */
const SAME_PRESS_MS = 500

/** The first signal asks the program to stop in order; a second one ends it at once. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController()
  let first: { at: number; code: number } | undefined
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    const now = performance.now()
    if (first === undefined) {
      first = { at: now, code: 128 + constants.signals[signal] }
      process.stderr.write('\nStopping (once more to end at once) …\n')
      controller.abort()
    } else if (now - first.at > SAME_PRESS_MS) {
      // Nothing less ends a native library in the middle of its work. The store is made for it.
      process.kill(process.pid, 'SIGKILL')
    }
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return { signal: controller.signal, exitCode: () => first?.code ?? 0 }
}
