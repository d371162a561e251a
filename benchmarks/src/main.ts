// Measures Tandem on real databases against their bare drivers and against LangChain.js; ratios hold within one run.
// `--json FILE` keeps the result, `--quick` makes fewer rounds, `--only writing,reading,langchain` runs a part.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startDatabases } from './databases.ts'
import { measureLangChain } from './langchain.ts'
import { measureReading } from './reading.ts'
import { describeMachine, type Line, toTable } from './report.ts'
import { warmUp } from './warm-up.ts'
import { measurePut, measurePutMany } from './writing.ts'

const { values } = parseArgs({
  options: { json: { type: 'string' }, only: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const { quick, only, json } = values
// Reading comes first: what is written afterwards is not of equal size on both sides.
const parts = {
  reading: () => measureReading(databases, quick ? 200 : 2000),
  writing: async () => [
    ...(await measurePutMany(databases, quick ? 1 : 5)),
    ...(await measurePut(databases, quick ? 1 : 6)),
  ],
  langchain: () => measureLangChain(databases, quick ? 1 : 5),
}

const databases = await startDatabases()
try {
  await warmUp(databases, quick ? 2 : 24)
  const lines: Line[] = []
  for (const [name, measure] of Object.entries(parts)) {
    if (only === undefined || only.split(',').includes(name)) lines.push(...(await measure()))
  }
  const machine = describeMachine()
  process.stdout.write(`${toTable(lines)}\n\n${machine}; ${databases.origin}\n`)
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ machine, origin: databases.origin, lines }, null, 2)}\n`)
} finally {
  await databases.stop()
}
