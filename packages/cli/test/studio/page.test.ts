import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { local } from '@tandemstore/embed-local'
import { launchOptions } from '@tandemstore/test-chromium'
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { temporaryFolder } from '../run.js'
import { fillNotes, openNotes } from '../stores.js'
import { addFailures, type RunningStudio, startStudio } from './studio.js'

const found = inject('chromium')
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const hostile = '</script><script>window.ran = 1</script><img src=x onerror="window.ran = 1">\'"&amp;<!--'

describe.skipIf(found === undefined)('the page in Chromium', () => {
  let browser: Browser
  let folder: string

  beforeAll(async () => {
    if (found !== undefined) browser = await chromium.launch(launchOptions(found))
  })
  beforeEach(async () => {
    folder = await temporaryFolder()
    await fillNotes(folder)
  })
  afterEach(async () => {
    await Promise.all((browser?.contexts() ?? []).map((context) => context.close()))
  })
  afterAll(() => browser?.close())

  /** `trouble`: messages of the console, errors, and requests to anywhere else. */
  async function open(studio: RunningStudio, at = '', options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options })
    const page = await context.newPage()
    const trouble: string[] = []
    page.on('console', (message) => trouble.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(`${studio.origin}/`)) trouble.push(`request: ${request.url()}`)
    })
    await page.goto(studio.url)
    await page.getByRole('main').waitFor()
    if (at !== '') await page.evaluate(`location.hash = ${JSON.stringify(at)}`)
    return { page, trouble }
  }

  const views: Readonly<Record<string, { readonly at: string; readonly shows: string }>> = {
    documents: { at: '#/documents', shows: 'a/b' },
    'a document': { at: '#/documents?in=["users","1"]&key=tea', shows: 'What it is found by' },
    search: { at: '#/search', shows: 'Words and meaning' },
    map: { at: '#/map', shows: 'principal components' },
    state: { at: '#/state', shows: 'failed for good.' },
  }
  test.each([
    ['in the light', { colorScheme: 'light' }],
    ['in the dark', { colorScheme: 'dark' }],
    ['on a phone', { ...phone, colorScheme: 'light' }],
  ] as const)('every view is without a serious fault, message or foreign request %s', async (_, options) => {
    await addFailures(folder, ['x'])
    const studio = await startStudio(folder, '--write')
    for (const [name, { at, shows }] of Object.entries(views)) {
      const { page, trouble } = await open(studio, at, options)
      await page.getByText(shows).filter({ visible: true }).first().waitFor()
      if (name === 'search') {
        await page.getByLabel('Query').fill('green tea')
        await page.getByLabel('Query').press('Enter')
        await page.locator('.hits li').first().waitFor()
      }
      expect(await seriousFaults(page), name).toEqual([])
      const overhang = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overhang), name).toBe(0)
      expect(trouble, name).toEqual([])
    }
  })

  test('takes the token out of the address, and keeps it for a reload', async () => {
    const studio = await startStudio(folder)
    const { page } = await open(studio)
    expect(page.url()).not.toContain(studio.token)
    await page.reload()
    await page.getByRole('link', { name: 'tea' }).first().waitFor()
    const other = await browser.newContext()
    const stranger = await other.newPage()
    await stranger.goto(studio.origin)
    await stranger.getByRole('alert').waitFor()
    expect(await seen(stranger.getByRole('alert'))).toContain('token')
  })

  test('shows markup of documents, labels and keys, and runs none of it', async () => {
    await fillNotes(folder, [{ namespace: [hostile], key: hostile, value: { title: hostile, [hostile]: 1 } }])
    await addFailures(folder, [hostile])
    const studio = await startStudio(folder)
    for (const at of [`#/documents?prefix=${encodeURIComponent(JSON.stringify([hostile]))}`, '#/map', '#/state']) {
      const { page, trouble } = await open(studio, at)
      await page.getByRole('treeitem', { name: hostile }).waitFor()
      if (at.includes('documents')) await page.getByRole('link', { name: hostile }).first().click()
      await expect.poll(() => seen(page.getByRole('main'))).toContain('<img src=x')
      expect(await page.evaluate('window.ran')).toBeUndefined()
      expect(await page.locator('img').count()).toBe(0)
      expect(trouble).toEqual([])
    }
  })

  test('runs no script that comes into it', async () => {
    const { page, trouble } = await open(await startStudio(folder))
    await page.evaluate(`
      const script = document.createElement('script')
      script.textContent = 'window.ran = 1'
      document.body.append(script)
      document.body.setAttribute('onclick', 'window.ran = 1')
      document.body.click()`)
    await expect.poll(() => trouble.filter((line) => line.includes('Content Security Policy')).length).toBe(2)
    expect(await page.evaluate('window.ran')).toBeUndefined()
  })

  test('the tree is walked by keyboard, and chooses what the list shows', async () => {
    const { page } = await open(await startStudio(folder))
    const focused = () => page.evaluate<string>("document.activeElement.querySelector('.label')?.textContent ?? ''")
    await page.getByRole('treeitem', { name: 'users' }).waitFor()
    await page.getByRole('treeitem', { name: 'everything' }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('users')
    await page.keyboard.press('ArrowRight')
    await page.getByRole('treeitem', { name: '10' }).waitFor()
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe('1')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'users / 1' }).waitFor()
    await expect.poll(() => page.locator('.documents li').count()).toBe(4)
    await page.keyboard.press('ArrowLeft')
    expect(await focused()).toBe('users')
    await page.keyboard.press('ArrowLeft')
    expect(await page.getByRole('treeitem', { name: '10' }).count()).toBe(0)
    await page.goBack()
    await page.getByRole('heading', { name: 'everything' }).waitFor()
    await expect.poll(() => page.locator('.documents li').count()).toBe(6)
  })

  test('a long list goes on where it ended', async () => {
    const many = Array.from({ length: 120 }, (_, i) => ({
      namespace: ['many'],
      key: `k${String(i).padStart(3, '0')}`,
      value: { i },
    }))
    await fillNotes(folder, many)
    const { page } = await open(await startStudio(folder), '#/documents?prefix=["many"]')
    const items = page.locator('.documents li')
    for (const length of [50, 100, 120]) {
      await expect.poll(() => items.count()).toBe(length)
      if (length < 120) await page.getByRole('button', { name: 'Show more' }).click()
    }
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0)
    await page.getByLabel('Filter').fill('{"i":{"$gte":118}}')
    await page.getByLabel('Filter').press('Enter')
    await expect.poll(() => items.count()).toBe(2)
    await page.getByLabel('Filter').fill('{"i":')
    await page.getByLabel('Filter').press('Enter')
    expect(await seen(page.getByRole('alert'))).toBe('The filter is not JSON')
  })

  test('two spaces are searched side by side', async () => {
    const other = await openNotes(folder, { embedder: local({ dimensions: 64 }), leaseMs: 100 })
    await other.verify({ repair: true })
    const [first, second] = await other.spaces()
    await other.close()
    const { page } = await open(await startStudio(folder, '--space', first?.name ?? ''), '#/search')
    await page.getByLabel('Query').fill('green tea')
    await page.getByLabel('Compare with').selectOption(second?.name ?? '')
    await page.getByRole('button', { name: 'Search' }).click()
    const columns = page.locator('.column')
    await expect.poll(() => columns.locator('.hits li:first-child').count()).toBe(2)
    expect(await seen(columns.nth(0).getByRole('heading'))).toContain('256 dimensions')
    expect(await seen(columns.nth(1).getByRole('heading'))).toContain('64 dimensions')
    for (const column of await columns.all()) {
      const text = await seen(column)
      expect(text).toMatch(/hits in [\d.]+ m?s, by meaning/)
      expect(text).toMatch(/vector\s+-?\d\.\d{3}/)
      expect(text).toContain('Green tea')
    }
    const [left, right] = await Promise.all([columns.nth(0).boundingBox(), columns.nth(1).boundingBox()])
    expect(right?.x).toBeGreaterThan((left?.x ?? 0) + (left?.width ?? 0))
  })

  test('what failed is tried again', async () => {
    await addFailures(folder, ['x', 'y'])
    const { page } = await open(await startStudio(folder, '--write'), '#/state')
    await page.getByText('2 failed for good').waitFor()
    expect(await seen(page.getByRole('main'))).toContain('The text was refused')
    await page.getByRole('button', { name: 'Try again what failed' }).click()
    await page.getByText('0 failed for good').waitFor()
    expect(await seen(page.getByRole('main'))).toContain('2 documents done')
  })

  test('a page that may not write offers nothing that does', async () => {
    const { page } = await open(await startStudio(folder), '#/documents?in=["users","1"]&key=tea')
    await page.getByText('What it is found by').waitFor()
    expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0)
    await page.evaluate("location.hash = '#/state'")
    await page.getByText('with --write').waitFor()
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
  })

  test('a document is deleted after a second yes', async () => {
    const { page } = await open(
      await startStudio(folder, '--write'),
      '#/documents?prefix=["users"]&in=["users","1"]&key=tea',
    )
    await expect.poll(() => page.locator('.documents li').count()).toBe(5)
    await page.getByRole('button', { name: 'Delete …' }).click()
    await page.getByRole('button', { name: 'Yes, delete it' }).click()
    await expect.poll(() => page.locator('.documents li').count()).toBe(4)
    expect(await page.locator('.detail').count()).toBe(0)
  })

  test('the map is walked by keyboard, and opens a document', async () => {
    const { page, trouble } = await open(await startStudio(folder), '#/map')
    await expect.poll(() => page.locator('.map circle').count()).toBe(9)
    await page.locator('.map').focus()
    await page.keyboard.press('ArrowRight')
    const chosen = await seen(page.locator('.told'))
    for (const key of ['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown', 'ArrowLeft']) await page.keyboard.press(key)
    expect(await page.locator('.map .chosen').count()).toBe(1)
    expect(await seen(page.locator('.told'))).not.toBe(chosen)
    await page.keyboard.press('Enter')
    await page.getByText('What it is found by').waitFor()
    expect(trouble).toEqual([])
  })

  test('says so when the server has ended', async () => {
    const studio = await startStudio(folder)
    const { page } = await open(studio)
    await page.getByRole('treeitem', { name: 'users' }).waitFor()
    await studio.stop()
    await page.getByRole('link', { name: 'Map' }).click()
    await page.getByText('The server does not answer').first().waitFor()
  })
})

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations }: { violations: { id: string; impact: string; nodes: { html: string }[] }[] } =
    await page.evaluate('axe.run()')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** The text that a reader sees. */
async function seen(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join('\n')
}
