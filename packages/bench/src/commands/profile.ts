import { Command } from 'commander'
import { exitCodes } from '../exit-codes.js'

export function profileCommand(): Command {
  return new Command('profile').description('Where the time of a put and of a search goes.').action(() => {
    process.stderr.write('tandem-bench profile is not built yet\n')
    process.exitCode = exitCodes.usage
  })
}
