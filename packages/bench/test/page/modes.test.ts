import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { download, figure, overhang, type PageViewer, pageViewer, phone, seen } from './browser.ts'
import { compareReport, crowd, ingestReport, latencies, stressReport, withModes } from './reports.js'

const found = inject('chromium')
const byWords = { keyword: latencies(0.4, 200, 11), hybrid: latencies(2.2, 200, 12) }

describe.skipIf(found === undefined)('searches by words on a page', () => {
  let viewer: PageViewer

  beforeAll(async () => {
    if (found !== undefined) viewer = await pageViewer(found)
  })
  afterEach(() => viewer?.closePages())
  afterAll(() => viewer?.close())

  test('stand beside those by vector, in a table and in a plot with an interval for each', async () => {
    const embedders = crowd(2).map(withModes)
    const { page, trouble } = await viewer.open(compareReport({ embedders }))
    const table = page.getByRole('region', { name: 'The searches side by side' })
    const rows = (await table.locator('tbody tr').allInnerTexts()).map((row) => row.replace(/\s+/g, ' '))
    expect(rows).toHaveLength(8)
    expect(rows[0]).toMatch(/vector .* –$/)
    expect(rows[3]).toMatch(/hybrid \+ rerank .* \+0\.080 p < 0\.001$/)
    expect(rows[1]).toMatch(/keyword .* \+0\.010 p = 0\.800$/)
    expect(await figure(page, 'Quality of each search').locator('.plot:visible .interval').count()).toBe(8 * 4)
    expect(await overhang(page)).toBe(0)
    expect(trouble).toEqual([])
    const { text } = await download(page, 'Download CSV')
    expect(text.split('\r\n')[0]).toContain('modes.hybrid.ndcgAt10.mean')
    expect(text.split('\r\n')[0]).toContain('modes.reranked.significance.pValue')
  })

  test('fit on a phone', async () => {
    const { page } = await viewer.open(compareReport({ embedders: crowd(2).map(withModes) }), phone)
    expect(await overhang(page)).toBe(0)
  })

  test('are no section of a report that has none', async () => {
    const { page } = await viewer.open(compareReport())
    expect(await page.getByRole('heading', { name: 'By words and meaning' }).count()).toBe(0)
  })

  test('have their latencies after an ingest, with the recall of an approximate search', async () => {
    const runs = ingestReport().runs.map((run) => ({ ...run, wordSearch: byWords, recallAt10: 0.987 }))
    const { page, trouble } = await viewer.open(ingestReport({ runs }))
    const table = page.getByRole('region', { name: 'Searches by mode' })
    expect(await table.locator('tbody tr').count()).toBe(3 * runs.length)
    expect(await seen(page.getByRole('region', { name: 'Every run' }))).toContain('0.987')
    expect(await figure(page, 'Latency of a search after it').locator('.plot:visible .median').count()).toBe(27)
    expect(trouble).toEqual([])
  })

  test('have their latencies under stress', async () => {
    const searches = { vector: latencies(2, 100, 13), ...byWords }
    const { page } = await viewer.open(stressReport({ searches }))
    const rows = page.getByRole('region', { name: 'Searches by mode' }).locator('tbody tr')
    expect((await rows.allInnerTexts()).map((row) => row.split(/\s/)[0])).toEqual(['vector', 'keyword', 'hybrid'])
  })
})
