// Takes the picture of the README: a search on a desk. `screenshot.ts <address that studio printed> <query> <image.png>`
import { findChromium, launchOptions } from '@tandemstore/test-chromium'
import { chromium } from 'playwright-core'

const [address, query, to] = process.argv.slice(2)
if (address === undefined || query === undefined || to === undefined)
  throw new Error('Usage: screenshot.ts <address> <query> <image.png>')
const found = await findChromium((line) => void process.stderr.write(`chromium: ${line}\n`))
if (found === undefined) throw new Error('There is no Chromium')

const browser = await chromium.launch(launchOptions(found))
try {
  const page = await browser.newPage({ viewport: { width: 1180, height: 700 } })
  await page.goto(address)
  await page.getByRole('link', { name: 'Search' }).click()
  await page.getByLabel('Query').fill(query)
  const second = page.getByLabel('Compare with')
  if ((await second.count()) > 0) await second.selectOption({ index: 1 })
  await page.getByRole('button', { name: 'Search' }).click()
  await page.locator('.hits li').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: to })
} finally {
  await browser.close()
}
