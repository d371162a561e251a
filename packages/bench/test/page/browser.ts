import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Chromium, launchOptions } from '@tandemstore/test-chromium'
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { renderPage } from '../../src/page/page.js'
import type { Report } from '../../src/result.js'

export interface OpenPage {
  readonly page: Page
  /** What went wrong, or out into the network: messages of the console, errors, requests, violations of the policy. */
  readonly trouble: readonly string[]
}

export interface PageViewer {
  open(report: Report, options?: BrowserContextOptions): Promise<OpenPage>
  closePages(): Promise<void>
  close(): Promise<void>
}

const desk: BrowserContextOptions = { viewport: { width: 1280, height: 900 } }
export const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }

/** Opens reports as files, as their readers do. */
export async function pageViewer(found: Chromium): Promise<PageViewer> {
  const browser: Browser = await chromium.launch(launchOptions(found))
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-page-'))
  let count = 0
  return {
    async open(report, options) {
      count += 1
      const file = join(folder, `${count}.html`)
      await writeFile(file, renderPage(report))
      const context = await browser.newContext({ ...desk, ...options })
      const page = await context.newPage()
      const trouble: string[] = []
      const url = pathToFileURL(file).href
      page.on('console', (message) => trouble.push(`console: ${message.text()}`))
      page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
      page.on('request', (request) => {
        if (request.url() !== url) trouble.push(`request: ${request.url()}`)
      })
      page.on('dialog', (dialog) => {
        trouble.push(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      await page.goto(url)
      return { page, trouble }
    },
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    async close() {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The texts of a column of the summary, as rows stand. */
export function columnTexts(page: Page, column: number): Promise<string[]> {
  return page.locator(`table[data-sortable] tbody tr > :nth-child(${column})`).allInnerTexts()
}

/** How far the page is wider than the window, pixels. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

/** The text that a reader sees. */
export async function seen(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join('\n')
}

export function openDetails(page: Page): Promise<void> {
  return page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
}

export async function download(page: Page, button: string): Promise<{ readonly name: string; readonly text: string }> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()])
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
}

/** The figure of a title. */
export function figure(page: Page, title: string): Locator {
  return page.locator('figure', { has: page.getByRole('heading', { name: title, exact: true }) })
}
