// Measures the core against the bare things it is made of; ratios hold within one run. `--json FILE` keeps the
// result, `--quick` makes fewer rounds.
// Build core first. A busy machine slows the side with more to do more than the other: close what else runs.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureDedupe } from './dedupe.ts'
import type { Measurement } from './measure.ts'
import { measureOwnCost } from './own-cost.ts'
import { measureTerms } from './terms.ts'
import { measureThroughput } from './throughput.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } } })
const rounds = values.quick ? 1 : 5

const measurements: Measurement[] = [
  // These are short, and noise weighs more in them.
  ...(await measureOwnCost(rounds * 3)),
  await measureTerms(rounds * 3),
  ...(await measureDedupe()),
  ...(await measureThroughput(rounds)),
]

const round = (value: number): number => Number(value.toPrecision(4))
console.table(
  Object.fromEntries(
    measurements.map(({ name, tandem, bare, unit, ratio, promise, kept }) => [
      name,
      { tandem: round(tandem), bare: round(bare), unit, ratio: round(ratio), promise, kept: kept ? 'yes' : 'NO' },
    ]),
  ),
)
const [processor] = cpus()
const machine = { node: process.version, cpus: cpus().length, model: processor?.model }
console.log(
  `Node.js ${machine.node}, ${machine.cpus} × ${machine.model}; medians of ${rounds} (own cost: ${rounds * 3})`,
)
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, rounds, measurements }, null, 2)}\n`)
