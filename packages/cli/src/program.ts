import { StoreError } from '@tandemstore/core'
import { Command, CommanderError } from 'commander'
import { commands } from './commands/index.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { formatNamespace } from './namespace-path.js'

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('tandem')
    .description('See, search, move, back up and mend what is in a store of documents and vectors.')
    .addHelpText(
      'after',
      `
A namespace is written as labels joined by /, such as users/42.
The store is found by --db, --config, --scylla and --qdrant-url, else by TANDEM_DB or a tandem.config.ts in this folder.

Ends with 0 if all is well, 1 after an error, 2 for a wrong flag, 3 if what was asked for is not so, 130 after Ctrl-C.`,
    )
    // What follows `mcp` is not ours.
    .enablePositionalOptions()
    .exitOverride()
  for (const make of commands) program.addCommand(make(program).exitOverride())
  return program
}

/**
 * Runs `tandem` with the arguments after its name. Gives the exit code, and undefined where a command has set
 * `process.exitCode` itself.
 */
export async function runProgram(args: readonly string[]): Promise<number | undefined> {
  // Whoever reads our output may stop, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok)
    throw error
  })
  try {
    await createProgram().parseAsync([...args], { from: 'user' })
    return undefined
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    process.stderr.write(`${args.includes('--json') ? jsonOf(error) : describe(error)}\n`)
    return exitCodeOf(error)
  }
}

function describe(error: unknown): string {
  if (!StoreError.isInstance(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const { code, message, namespace, key } = error
  const about = namespace === undefined ? '' : ` (${formatNamespace(namespace)}${key === undefined ? '' : ` ${key}`})`
  return `${code}: ${message}${about}`
}

function jsonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (!StoreError.isInstance(error)) return JSON.stringify({ error: { message } })
  const { code, namespace, key, retryable } = error
  return JSON.stringify({ error: { code, message, retryable, namespace, key } })
}
