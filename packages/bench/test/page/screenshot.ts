// Takes the picture of a page for a README: down to its third figure, on a desk. `screenshot.ts <page.html> <image.png>`
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findChromium, launchOptions } from '@tandemstore/test-chromium'
import { chromium } from 'playwright-core'

const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) throw new Error('Usage: screenshot.ts <page.html> <image.png>')
const found = await findChromium((line) => console.error(`chromium: ${line}`))
if (found === undefined) throw new Error('There is no Chromium')

const browser = await chromium.launch(launchOptions(found))
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } })
  await page.goto(pathToFileURL(resolve(from)).href)
  const last = await page.locator('figure').nth(2).boundingBox()
  if (last === null) throw new Error(`${from} has fewer than three figures`)
  const clip = { x: 0, y: 0, width: 1200, height: last.y + last.height + 8 }
  await page.screenshot({ path: to, fullPage: true, clip })
} finally {
  await browser.close()
}
