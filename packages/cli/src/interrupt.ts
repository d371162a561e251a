import { exitCodes } from './exit-codes.js'

/**
 * Runs a command with a signal that Ctrl-C and SIGTERM fire, so that it can close what it has open. A second Ctrl-C ends
 * the process at once. Gives 130 for a command that was interrupted.
 */
export async function interruptible(
  run: (signal: AbortSignal) => Promise<number | undefined>,
): Promise<number | undefined> {
  const interrupt = new AbortController()
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted)
    process.stderr.write('\nStopping. Ctrl-C again ends at once.\n')
    interrupt.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const code = await run(interrupt.signal)
    return interrupt.signal.aborted ? exitCodes.interrupted : code
  } catch (error) {
    if (interrupt.signal.aborted) return exitCodes.interrupted
    throw error
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
