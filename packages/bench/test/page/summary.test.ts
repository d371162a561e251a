import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { columnTexts, type PageViewer, pageViewer, phone, seen } from './browser.ts'
import { compareReport, embedder } from './reports.js'

const found = inject('chromium')

describe.skipIf(found === undefined)('the summary of a page', () => {
  let viewer: PageViewer

  beforeAll(async () => {
    if (found !== undefined) viewer = await pageViewer(found)
  })
  afterEach(() => viewer?.closePages())
  afterAll(() => viewer?.close())

  test('is sorted by a click, the other way by the next', async () => {
    const { page } = await viewer.open(compareReport())
    const head = page.getByRole('columnheader', { name: 'Documents/s' }).first()
    expect(await columnTexts(page, 8)).toEqual(['210', '38.0', '140', '96.0'])
    await head.getByRole('button').click()
    expect(await head.getAttribute('aria-sort')).toBe('descending')
    expect(await columnTexts(page, 8)).toEqual(['210', '140', '96.0', '38.0'])
    await head.getByRole('button').click()
    expect(await head.getAttribute('aria-sort')).toBe('ascending')
    expect(await columnTexts(page, 8)).toEqual(['38.0', '96.0', '140', '210'])
  })

  test('is sorted by the keyboard, by one column at a time', async () => {
    const { page } = await viewer.open(compareReport())
    const summary = page.locator('table[data-sortable]')
    await summary.getByRole('button', { name: 'Model' }).focus()
    await page.keyboard.press('Enter')
    expect((await columnTexts(page, 1))[0]).toContain('gemini')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    expect(await summary.locator('[aria-sort]').count()).toBe(1)
    expect(await seen(summary.locator('[aria-sort]'))).toContain('nDCG@10')
    expect((await columnTexts(page, 2)).map((text) => text.slice(0, 5))).toEqual(['0.562', '0.531', '0.506', '0.257'])
  })

  test('has what is not known last, whichever way it is sorted', async () => {
    const embedders = [
      embedder('unpriced', { price: undefined }),
      ...[0.3, 0.1, 0.2].map((price) => embedder(`at ${price}`, { price })),
    ]
    const { page } = await viewer.open(compareReport({ embedders }))
    const price = page.locator('table[data-sortable]').getByRole('button', { name: 'Per million tokens' })
    await price.click()
    expect(await columnTexts(page, 1)).toEqual(['at 0.1', 'at 0.2', 'at 0.3', 'unpriced'])
    await price.click()
    expect(await columnTexts(page, 1)).toEqual(['at 0.3', 'at 0.2', 'at 0.1', 'unpriced'])
  })

  test('has the best of each column in bold, and none where there is no choice', async () => {
    const { page } = await viewer.open(compareReport())
    const bold = await page
      .locator('table[data-sortable] tr', { hasText: 'gemini-embedding-001' })
      .locator('strong')
      .allInnerTexts()
    expect(bold).toContain('0.562')
    const alone = await viewer.open(compareReport({ embedders: [embedder('local')] }))
    expect(await alone.page.locator('strong').count()).toBe(0)
  })

  test('keeps the names in view on a phone while it is scrolled', async () => {
    const { page } = await viewer.open(compareReport(), phone)
    const name = page.locator('table[data-sortable] tbody th').first()
    const before = await name.boundingBox()
    await page
      .locator('.scroll')
      .first()
      .evaluate((box: { scrollLeft: number }) => {
        box.scrollLeft = 400
      })
    expect((await name.boundingBox())?.x).toBe(before?.x)
  })

  test('names the embedders that could not be had, with the reason', async () => {
    const { page } = await viewer.open(compareReport())
    const text = await seen(page.locator('.missing'))
    expect(text).toContain('aisdk:voyage/voyage-3.5')
    expect(text).toContain('VOYAGE_API_KEY is not set')
  })
})
