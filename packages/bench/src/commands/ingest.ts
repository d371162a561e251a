import { Command } from 'commander'
import { exitCodes } from '../exit-codes.js'

export function ingestCommand(): Command {
  return new Command('ingest')
    .description('How many documents a second the store takes, and how fast it searches then.')
    .action(() => {
      process.stderr.write('tandem-bench ingest is not built yet\n')
      process.exitCode = exitCodes.usage
    })
}
