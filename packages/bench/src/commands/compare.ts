import { Command } from 'commander'
import { exitCodes } from '../exit-codes.js'

export function compareCommand(): Command {
  return new Command('compare')
    .description('Which embedder finds best in a corpus, and at what speed and cost.')
    .action(() => {
      process.stderr.write('tandem-bench compare is not built yet\n')
      process.exitCode = exitCodes.usage
    })
}
