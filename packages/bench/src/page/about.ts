import type { Report } from '../result.js'
import { bytes, duration, moment } from './format.js'
import { html, type Markup } from './html.js'
import { table } from './table.js'

/** Machine, versions and configuration: what it takes to run it again. */
export function about(report: Report): Markup {
  const { machine, versions, seed, startedAt, durationMs, configuration } = report
  const facts = [
    ['Processor', machine.processor],
    ['Cores', String(machine.cores)],
    ['Memory', bytes(machine.memoryBytes)],
    ['System', machine.os],
    ['Node.js', machine.node],
    ['Started', moment(startedAt)],
    ['Took', duration(durationMs)],
    ['Seed', String(seed)],
  ]
  const columns = [
    { label: 'Package or program', value: ([name]: readonly [string, string]) => name },
    { label: 'Version', value: ([, version]: readonly [string, string]) => version },
  ]
  return html`<div class="about">
<div><h3>Machine and run</h3><dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></div>
<div><h3>Versions</h3>${table(columns, Object.entries(versions), { caption: 'Versions', hideCaption: true })}</div>
<div class="all"><h3>Configuration</h3>
<pre tabindex="0" role="region" aria-label="Configuration">${JSON.stringify(configuration, null, 2)}</pre></div>
</div>`
}

export function warnings({ warnings }: Report): Markup | undefined {
  if (warnings.length === 0) return undefined
  return html`<section class="warnings" aria-labelledby="warnings">
<h2 id="warnings">Before you believe a number</h2>
<ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>
</section>`
}
