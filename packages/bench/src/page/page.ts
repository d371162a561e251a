import { createHash } from 'node:crypto'
import type { Report } from '../result.js'
import { about, warnings } from './about.js'
import { clientScript } from './client.js'
import { compareContent } from './compare.js'
import type { Content } from './content.js'
import { csv } from './csv.js'
import { duration, moment } from './format.js'
import { html, markup, scriptJson } from './html.js'
import { ingestContent } from './ingest.js'
import { profileContent } from './profile.js'
import { stressContent } from './stress.js'
import { style } from './style.js'

/**
 * A report as one HTML file that opens without a network. Every text in it is escaped, and its content security
 * policy lets nothing run or load but the page's own style and script, by their hashes.
 */
export function renderPage(report: Report): string {
  const { title, facts, sections, records } = contentOf(report)
  const name = `tandem-bench-${report.command}`
  const policy = [
    `default-src 'none'`,
    `style-src ${hash(style)}`,
    `script-src ${hash(clientScript)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ')
  const about_ = { title: 'How it was measured', body: about(report) }
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title} – tandem-bench</title>
<style>${markup(style)}</style>
</head>
<body>
<header>
<p class="command">tandem-bench ${report.command}</p>
<h1>${title}</h1>
<p class="conclusion">${report.conclusion}</p>
<ul class="facts">${[...facts, moment(report.startedAt), `took ${duration(report.durationMs)}`].map((fact) => html`<li>${fact}</li>`)}</ul>
<p class="downloads"><button type="button" data-download="json" hidden>Download JSON</button>
<button type="button" data-download="csv" hidden>Download CSV</button></p>
</header>
<main>
${warnings(report)}
${[...sections, about_].map(
  (section, i) => html`<section aria-labelledby="section-${i}">
<h2 id="section-${i}">${section.title}</h2>
${section.body}
</section>
`,
)}</main>
<footer><p>Made by <code>tandem-bench</code>. The numbers of this page are in it, as JSON and CSV.</p></footer>
<script type="application/json" id="numbers">${scriptJson({ name, json: report, csv: csv(records) })}</script>
<script>${markup(clientScript)}</script>
</body>
</html>
`.text
}

function contentOf(report: Report): Content {
  switch (report.command) {
    case 'compare':
      return compareContent(report)
    case 'ingest':
      return ingestContent(report)
    case 'stress':
      return stressContent(report)
    case 'profile':
      return profileContent(report)
  }
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
