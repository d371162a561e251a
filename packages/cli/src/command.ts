import { Command } from 'commander'
import { interruptible } from './interrupt.js'
import { createOutput, type Output } from './output/output.js'
import { type SourceFlags, withSourceFlags } from './source/flags.js'

/** What a command is run with, beside its arguments. */
export interface Run<Flags> {
  readonly flags: Flags
  readonly out: Output
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal
}

export type StoreFlags = SourceFlags & { readonly json?: boolean }

/** A command about a store: with the flags that say where it is, and `--json`. */
export function storeCommand(nameAndArguments: string, description: string): Command {
  return withSourceFlags(new Command(nameAndArguments).description(description).option('--json', 'for programs'))
}

/** The action of a command. What it gives is the exit code; default 0. */
export function action<Flags extends { readonly json?: boolean }, Args extends readonly unknown[]>(
  run: (run: Run<Flags>, ...args: Args) => Promise<number | undefined>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    // Commander gives the arguments, the flags and the command.
    const flags = given.at(-2) as Flags
    const args = given.slice(0, -2) as unknown as Args
    const out = createOutput({ json: flags.json ?? false })
    const code = await interruptible((signal) => run({ flags, out, signal }, ...args))
    if (code !== undefined) process.exitCode = code
  }
}
