import { Command } from 'commander'
import { exitCodes } from '../exit-codes.js'

export function stressCommand(): Command {
  return new Command('stress')
    .description('Reads, writes, deletes and searches at the same time, and whether the store stayed in order.')
    .action(() => {
      process.stderr.write('tandem-bench stress is not built yet\n')
      process.exitCode = exitCodes.usage
    })
}
