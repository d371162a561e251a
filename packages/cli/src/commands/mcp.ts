import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { exitCodes } from '../exit-codes.js'
import { importOptional } from '../optional.js'

const PACKAGE = '@tandemstore/mcp'

/** `tandem mcp`: the command of another package, with all arguments as they are. */
export function mcpCommand(): Command {
  return new Command('mcp')
    .description(`Memory for agents over MCP: the command of ${PACKAGE}, which takes the arguments.`)
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      const program = await findProgram()
      // Its standard input and output are the protocol's.
      const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
      const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
      process.on('SIGINT', pass).on('SIGTERM', pass)
      const [code] = await once(child, 'exit')
      process.off('SIGINT', pass).off('SIGTERM', pass)
      process.exitCode = typeof code === 'number' ? code : exitCodes.interrupted
    })
}

async function findProgram(): Promise<string> {
  const manifest = await importOptional(PACKAGE, async () =>
    fileURLToPath(import.meta.resolve(`${PACKAGE}/package.json`)),
  )
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly bin: Readonly<Record<string, string>> }
  return join(dirname(manifest), Object.values(bin)[0] as string)
}
