import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import type { Report } from '../../src/result.js'
import { download, openDetails, overhang, type PageViewer, pageViewer, phone, seen } from './browser.ts'
import { compareReport, ingestReport, profileReport, stressReport } from './reports.js'

const found = inject('chromium')
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const reports: Readonly<Record<string, Report>> = {
  compare: compareReport(),
  ingest: ingestReport(),
  stress: stressReport(),
  profile: profileReport(),
}
describe.skipIf(found === undefined)('a page in Chromium', () => {
  let viewer: PageViewer

  beforeAll(async () => {
    if (found !== undefined) viewer = await pageViewer(found)
  })
  afterEach(() => viewer?.closePages())
  afterAll(() => viewer?.close())

  describe.each(Object.entries(reports))('of %s', (_, report) => {
    test('opens without a request, a message or a violation of its policy', async () => {
      const { page, trouble } = await viewer.open(report)
      expect(await seen(page.getByRole('heading', { level: 1 }))).not.toBe('')
      expect(trouble).toEqual([])
    })

    test('says its conclusion before anything else, and its warnings before the numbers', async () => {
      const warnings = ['Twelve lines name documents that are not there', 'Two queries are empty']
      const { page } = await viewer.open({ ...report, warnings })
      const text = await seen(page.locator('body'))
      const places = [report.conclusion, ...warnings].map((each) => text.indexOf(each))
      expect(places.every((place) => place >= 0)).toBe(true)
      expect(places).toEqual(places.toSorted((a, b) => a - b))
      expect(places[0]).toBeLessThan(120)
      const firstTable: number = await page.evaluate("document.querySelector('table').getBoundingClientRect().top")
      const lastWarning = await page.getByText(warnings[1] ?? '').boundingBox()
      expect(lastWarning?.y).toBeLessThan(firstTable)
    })

    test('fits a phone, with its figures and tables open', async () => {
      const { page, trouble } = await viewer.open(report, phone)
      expect(await overhang(page)).toBe(0)
      await openDetails(page)
      expect(await overhang(page)).toBe(0)
      expect(await smallestText(page)).toBeGreaterThanOrEqual(11)
      expect(trouble).toEqual([])
    })

    test.each(['light', 'dark'] as const)('has no serious fault for axe in a %s scheme', async (colorScheme) => {
      const { page } = await viewer.open(report, { colorScheme })
      await openDetails(page)
      expect(await seriousFaults(page)).toEqual([])
    })

    test('says in words what each plot shows', async () => {
      const { page } = await viewer.open(report)
      await openDetails(page)
      const figures = await page.locator('figure').all()
      expect(figures.length).toBeGreaterThan(0)
      for (const figure of figures) {
        expect(await seen(figure.locator('figcaption'))).not.toBe('')
        expect(await figure.locator('details table').isVisible()).toBe(true)
        const plots = await figure.getByRole('img').all()
        for (const plot of plots) expect((await plot.getAttribute('aria-label'))?.length).toBeGreaterThan(30)
        expect(plots.length).toBeLessThanOrEqual(1)
      }
    })

    test('gives its numbers as the JSON that they came from', async () => {
      const { page, trouble } = await viewer.open(report)
      const json = await download(page, 'Download JSON')
      expect(json.name).toBe(`tandem-bench-${report.command}.json`)
      expect(json.text).toBe(`${JSON.stringify(report, null, 2)}\n`)
      const csv = await download(page, 'Download CSV')
      expect(csv.name).toBe(`tandem-bench-${report.command}.csv`)
      expect(csv.text.split('\r\n').length).toBeGreaterThan(2)
      expect(trouble).toEqual([])
    })

    test('shows markup in its texts, and does not run it', async () => {
      const hostile = '</script><script>window.ran = 1</script><img src=x onerror="window.ran = 1">\'"&amp;<!--'
      const { page, trouble } = await viewer.open(withTexts(report, (text) => `${hostile}${text}`))
      expect(await page.evaluate('window.ran')).toBeUndefined()
      expect(await page.locator('img').count()).toBe(0)
      expect(await page.locator('script').count()).toBe(2)
      expect(await seen(page.locator('.conclusion'))).toBe(hostile + report.conclusion)
      expect(await seen(page.locator('pre'))).toContain('<img src=x onerror=')
      const { text } = await download(page, 'Download JSON')
      expect(JSON.parse(text).conclusion).toBe(hostile + report.conclusion)
      expect(trouble).toEqual([])
    })

    test('lets nothing run or load but what it came with', async () => {
      let visits = 0
      const server = createServer((_request, response) => {
        visits += 1
        response.end()
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      onTestFinished(() => void server.close())
      const { page, trouble } = await viewer.open(report)
      await page.evaluate(`
        const script = document.createElement('script')
        script.textContent = 'window.ran = 1'
        const image = document.createElement('img')
        image.src = 'http://127.0.0.1:${(server.address() as AddressInfo).port}/image.png'
        document.body.append(script, image)
        document.body.setAttribute('onclick', 'window.ran = 1')
        document.body.click()`)
      const refused = () => trouble.filter((line) => line.includes('Content Security Policy')).length
      await expect.poll(refused).toBe(3)
      expect(await page.evaluate('window.ran')).toBeUndefined()
      expect(visits).toBe(0)
    })

    test('can be read without scripts', async () => {
      const { page, trouble } = await viewer.open(report, { javaScriptEnabled: false })
      expect(await page.locator('main table').first().isVisible()).toBe(true)
      expect(await page.getByRole('img').count()).toBeGreaterThan(0)
      expect(await page.locator('.downloads button:visible').count()).toBe(0)
      expect(trouble).toEqual([])
    })

    test('prints in light colours with every table open', async () => {
      const { page } = await viewer.open(report, { colorScheme: 'dark' })
      await page.pdf()
      await page.emulateMedia({ media: 'print' })
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
      expect(await page.locator('details:not([open])').count()).toBe(0)
    })
  })
})

/** Of all texts in plots that are seen, as they are scaled, pixels. */
function smallestText(page: Page): Promise<number> {
  return page.evaluate(
    `Math.min(...[...document.querySelectorAll('svg.plot')].filter((svg) => svg.getBoundingClientRect().width > 0)
      .map((svg) => 12 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))`,
  )
}

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations }: { violations: { id: string; impact: string; nodes: { html: string }[] }[] } =
    await page.evaluate('axe.run()')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** Changes every text that comes from outside. */
function withTexts<T>(value: T, change: (text: string) => string): T {
  const kept = ['format', 'command', 'kind', 'sync', 'operation', 'metric']
  const walk = (each: unknown): unknown => {
    if (typeof each === 'string') return change(each)
    if (Array.isArray(each)) return each.map(walk)
    if (typeof each !== 'object' || each === null) return each
    return Object.fromEntries(
      Object.entries(each).map(([name, inner]) => [name, kept.includes(name) ? inner : walk(inner)]),
    )
  }
  return walk(value) as T
}
