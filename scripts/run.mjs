// Runs a program on the Node.js of this workspace, whatever the machine has: `node scripts/run.mjs <program> <arguments>`.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const candidates = process.platform === 'win32' ? ['node/bin/node.exe', 'node/bin/node'] : ['.bin/node']
const node = candidates
  .map((path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url)))
  .find((path) => existsSync(path))

if (node === undefined) {
  process.stderr.write('Node.js is not installed in node_modules yet: run `npm run setup` first.\n')
  process.exit(1)
}

const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], { stdio: 'inherit' })

// A terminal sends Ctrl-C to every process in it, so the child has it already; forwarding it would make it two.
const inTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)
process.on('SIGINT', () => {
  if (!inTerminal) child.kill('SIGINT')
})
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

child.on('error', (error) => {
  process.stderr.write(`${node} cannot be run: ${error.message}\n`)
  process.exitCode = 1
})
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal]
})
