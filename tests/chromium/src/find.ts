import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import { installedChromium } from './install.ts'

/** A Chromium that starts. */
export interface Chromium {
  readonly path: string
  /** What it needs in its environment to find its libraries and fonts. */
  readonly env: Readonly<Record<string, string>>
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent: none could be found or fetched. */
    chromium: Chromium | undefined
  }
}

type Found = Chromium | string

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** In the order in which they are tried. Each says why not, if it finds none. */
const ways: Readonly<Record<string, (log: (line: string) => void) => Promise<Found>>> = {
  async TANDEM_CHROMIUM() {
    const path = process.env.TANDEM_CHROMIUM
    return path ? { path, env: {} } : 'it is not set'
  },
  async PATH() {
    const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
    const path = folders.flatMap((folder) => names.map((name) => join(folder, name))).find((each) => existsSync(each))
    return path === undefined ? `there is none of ${names.join(', ')}` : { path, env: {} }
  },
  "Debian's packages": installedChromium,
}

/**
 * Finds a Chromium, or fetches that of Debian's packages, without root and without changing the system. Every step is named to `log`.
 * `undefined`, and loudly so, where there is none.
 */
export async function findChromium(log: (line: string) => void): Promise<Chromium | undefined> {
  if (process.env.TANDEM_CHROMIUM !== 'none') {
    for (const [way, find] of Object.entries(ways)) {
      const found = await find(log)
      const problem = typeof found === 'string' ? found : await startProblem(found)
      if (typeof found !== 'string' && problem === undefined) {
        log(`by way of ${way}: ${found.path}`)
        return found
      }
      log(`not by way of ${way}: ${problem}`)
    }
  }
  log('SKIPPED: the tests that look at pages in a browser are left out. To run them, do one of these:')
  log('  set TANDEM_CHROMIUM to the path of a Chromium or Chrome; put one on the PATH;')
  log('  run on Debian with apt-get, dpkg and the network (not with TANDEM_CHROMIUM=none)')
  return undefined
}

/** Why it does not start: libraries that are missing show only then. */
async function startProblem(found: Chromium): Promise<string | undefined> {
  try {
    const browser = await chromium.launch(launchOptions(found))
    await browser.close()
    return undefined
  } catch (error) {
    return `${found.path} does not start: ${(error as Error).message}`
  }
}

export function launchOptions({ path, env }: Chromium): { executablePath: string; env: Record<string, string> } {
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { executablePath: path, env: { ...Object.fromEntries(own), ...env } }
}
