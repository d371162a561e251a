import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { figure, overhang, type PageViewer, pageViewer, seen } from './browser.ts'
import { compareReport, crowd, embedder, ingestReport, profileReport, stressReport } from './reports.js'

const found = inject('chromium')
const longName = (i: number): string =>
  `transformers:some-organisation/a-very-long-name-that-goes-on-and-on-without-end-${i}-instruct-quantised`

describe.skipIf(found === undefined)('the plots of a page', () => {
  let viewer: PageViewer

  beforeAll(async () => {
    if (found !== undefined) viewer = await pageViewer(found)
  })
  afterEach(() => viewer?.closePages())
  afterAll(() => viewer?.close())

  const casts = { one: crowd(1), two: crowd(2), twelve: crowd(12), 'twelve with long names': crowd(12, longName) }

  test.each(Object.entries(casts))('have a mark for each model: %s', async (_, embedders) => {
    const { page, trouble } = await viewer.open(compareReport({ embedders, unavailable: [] }))
    for (const title of [
      'Quality against speed',
      'Recall against cost',
      'Latency of a query',
      'Throughput over time',
    ]) {
      expect([title, await marks(page, title)]).toEqual([title, embedders.length])
    }
    expect(await marks(page, 'Quality, and how sure it is')).toBe(embedders.length * (1 + 4 * 2))
    expect(await figure(page, 'Latency of a query').locator('.plot:visible .median').count()).toBe(embedders.length * 2)
    expect(await overhang(page)).toBe(0)
    expect(trouble).toEqual([])
  })

  test.each(
    Object.entries(casts).flatMap(([name, embedders]) => [360, 700, 1280].map((width) => ({ name, embedders, width }))),
  )('keep labels apart and inside: $name at $width pixels', async ({ embedders, width }) => {
    const { page } = await viewer.open(compareReport({ embedders }), { viewport: { width, height: 900 } })
    for (const title of ['Quality against speed', 'Recall against cost']) {
      const boxes = await labelBoxes(page, title)
      expect(boxes).toHaveLength(embedders.length)
      expect([title, collisions(boxes)]).toEqual([title, []])
      const plot = await figure(page, title).boundingBox()
      expect(boxes.every(({ left, right }) => plot && left >= plot.x && right <= plot.x + plot.width)).toBe(true)
    }
    expect(await overhang(page)).toBe(0)
  })

  test('say that no price is known instead of showing an empty plot', async () => {
    const embedders = crowd(3).map(({ cost: _, ...rest }) => rest)
    const { page } = await viewer.open(compareReport({ embedders }))
    expect(await seen(figure(page, 'Recall against cost'))).toContain('No price is known for model-0')
    expect(await figure(page, 'Recall against cost').locator('.plot').count()).toBe(0)
  })

  test('name those without a price beside those that have one', async () => {
    const embedders = [embedder('openai:priced', { price: 0.02 }), embedder('openai:unpriced', { price: undefined })]
    const { page } = await viewer.open(compareReport({ embedders }))
    expect(await marks(page, 'Recall against cost')).toBe(1)
    expect(await seen(figure(page, 'Recall against cost'))).toContain('No price is known for unpriced;')
  })

  test('draw bars, curves and spans for each run, operation and phase', async () => {
    const ingest = await viewer.open(ingestReport())
    expect(await marks(ingest.page, 'Throughput by size')).toBe(9)
    expect(await figure(ingest.page, 'Throughput over time').locator('.plot:visible .curve').count()).toBe(9)
    const stress = await viewer.open(stressReport())
    expect(await figure(stress.page, 'Latency of each operation').locator('.plot:visible .median').count()).toBe(4)
    const profile = await viewer.open(profileReport())
    expect(await figure(profile.page, 'Timeline of one put').locator('.plot:visible .bar').count()).toBe(6)
  })

  test.each(['light', 'dark'] as const)('have colours that stand out in a %s scheme', async (colorScheme) => {
    const { page } = await viewer.open(compareReport(), { colorScheme })
    const colours: string[] = await page.evaluate(
      `['--card', ...Array.from({ length: 8 }, (_, i) => '--c' + i)].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))`,
    )
    const [card = '', ...marks] = colours
    // 3:1 is what WCAG 2.2, 1.4.11, asks of graphics.
    for (const mark of marks) expect(contrast(card, mark)).toBeGreaterThanOrEqual(3)
  })

  test('drift and errors are told apart from their absence in words', async () => {
    const clean = await viewer.open(
      stressReport({ errors: {}, verify: { checked: 10, missing: 0, stale: 0, orphaned: 0, repaired: 0 } }),
    )
    expect(await seen(clean.page.locator('.pair'))).toMatch(/No errors[\s\S]*No drift/)
    const bad = await viewer.open(
      stressReport({ errors: { TIMEOUT: 3 }, verify: { checked: 10, missing: 1, stale: 2, orphaned: 0, repaired: 3 } }),
    )
    expect(await seen(bad.page.locator('.pair'))).toMatch(/3 errors[\s\S]*TIMEOUT[\s\S]*Drift: 3 documents/)
  })

  test('runs without queries, points or phases are shown, not hidden', async () => {
    const none = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0, sample: [] }
    const idle = { ...embedder('local', { price: 0 }), throughput: [], latency: { cold: none, cached: none } }
    const { page, trouble } = await viewer.open(compareReport({ embedders: [idle] }))
    expect(await figure(page, 'Latency of a query').locator('.plot:visible').innerHTML()).toContain('none measured')
    const nobody = await viewer.open(compareReport({ embedders: [] }))
    expect(await seen(nobody.page.locator('main'))).toContain('None of the embedders could be had.')
    const empty = await viewer.open(ingestReport({ runs: [] }))
    expect([...trouble, ...nobody.trouble, ...empty.trouble]).toEqual([])
  })
})

function marks(page: Page, title: string): Promise<number> {
  return figure(page, title).locator('.plot:visible .mark').count()
}

interface Edges {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

function labelBoxes(page: Page, title: string): Promise<Edges[]> {
  return figure(page, title)
    .locator('.plot:visible text.name')
    .evaluateAll((texts: { getBoundingClientRect(): Edges }[]) =>
      texts.map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect()
        return { left, right, top, bottom }
      }),
    )
}

function collisions(boxes: readonly Edges[]): string[] {
  return boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top + 1 < b.bottom && b.top + 1 < a.bottom)
      .map((b) => `${i} and ${boxes.indexOf(b)}`),
  )
}

/** WCAG 2.2's ratio of two colours in hexadecimal. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const digits = colour.trim().slice(1)
  const long = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits
  const [red = 0, green = 0, blue = 0] = [0, 2, 4]
    .map((i) => Number.parseInt(long.slice(i, i + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
