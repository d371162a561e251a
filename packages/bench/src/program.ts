import { Command, CommanderError } from 'commander'
import { compareCommand } from './commands/compare.js'
import { ingestCommand } from './commands/ingest.js'
import { profileCommand } from './commands/profile.js'
import { stressCommand } from './commands/stress.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'

/**
 * Runs `tandem-bench` with the arguments after its name. Gives the exit code, and undefined where a command has set
 * `process.exitCode` itself or there is nothing to say.
 */
export async function runProgram(args: readonly string[]): Promise<number | undefined> {
  const program = new Command('tandem-bench')
    .description('Which embedding model is best on your documents, and how fast your store is.')
    .addHelpText(
      'after',
      '\nEnds with 0 if all is well, 1 after an error, 2 for a wrong flag, 3 if a threshold was missed.',
    )
  for (const command of [compareCommand(), ingestCommand(), stressCommand(), profileCommand()]) {
    program.addCommand(command.exitOverride())
  }
  program.exitOverride()
  try {
    await program.parseAsync([...args], { from: 'user' })
    return undefined
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return exitCodeOf(error)
  }
}
