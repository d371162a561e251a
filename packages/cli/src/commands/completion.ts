import { type Command, createArgument, createCommand } from 'commander'
import { completionScript, shells } from '../completion/scripts.js'
import { suggestionsFor } from '../completion/suggestions.js'
import { exitCodes } from '../exit-codes.js'

/** `tandem completion`. */
export function completionCommand(program: Command): Command {
  return createCommand('completion')
    .description('A script that completes commands and flags in your shell.')
    .addArgument(createArgument('<shell>').choices([...shells, 'words']))
    .argument('[words...]', 'what is typed so far, which the scripts give')
    .addHelpText(
      'after',
      `
bash:  echo 'source <(tandem completion bash)' >> ~/.bashrc
zsh:   echo 'source <(tandem completion zsh)' >> ~/.zshrc
fish:  tandem completion fish > ~/.config/fish/completions/tandem.fish`,
    )
    .allowUnknownOption()
    .passThroughOptions()
    .action((shell: string, words: string[]) => {
      if (shell !== 'words') {
        process.stdout.write(completionScript(shell as (typeof shells)[number]))
        return
      }
      const lines = suggestionsFor(program, words).map(({ word, about }) => `${word}\t${about}\n`)
      process.stdout.write(lines.join(''))
      process.exitCode = lines.length > 0 ? exitCodes.ok : exitCodes.not
    })
}
