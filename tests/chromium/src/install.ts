import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Chromium } from './find.ts'

const run = promisify(execFile)
const MINUTES = 60_000

/**
 * The Chromium of Debian's packages, unpacked in a folder of the cache (`TANDEM_CACHE`, or `~/.cache/tandem`) with the libraries that this machine lacks.
 * apt gets lists and archives of its own there, so neither root nor a lock is needed and nothing is installed in the system.
 */
export async function installedChromium(log: (line: string) => void): Promise<Chromium | string> {
  const cache = process.env.TANDEM_CACHE ?? join(homedir(), '.cache', 'tandem')
  const folder = join(cache, 'chromium-debian')
  if (existsSync(folder)) return describe(folder)
  await mkdir(cache, { recursive: true })
  const making = await mkdtemp(join(cache, 'installing-'))
  try {
    await download(making, log)
    await unpack(making, log)
    // Another process may have been faster.
    await rename(join(making, 'root'), folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
    return await describe(folder)
  } catch (error) {
    return `it could not be unpacked: ${(error as Error).message.trim()}`
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

async function download(folder: string, log: (line: string) => void): Promise<void> {
  const [state, cache] = [join(folder, 'state'), join(folder, 'cache')]
  await mkdir(join(state, 'lists', 'partial'), { recursive: true })
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true })
  const options = {
    'Dir::State': state,
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': cache,
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': '',
  }
  const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  log('fetching the lists of packages (apt-get update)')
  await run('apt-get', [...settings, '-q', 'update'], { timeout: 3 * MINUTES })
  log('fetching the packages of chromium (about 120 MB, once)')
  const install = ['-q', '-y', '--no-install-recommends', '--download-only', 'install', 'chromium']
  await run('apt-get', [...settings, ...install], { timeout: 10 * MINUTES })
}

async function unpack(folder: string, log: (line: string) => void): Promise<void> {
  const archives = join(folder, 'cache', 'archives')
  const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb'))
  log(`unpacking ${packages.length} packages`)
  for (const name of packages)
    await run('dpkg', ['-x', join(archives, name), join(folder, 'root')], { timeout: MINUTES })
}

async function describe(root: string): Promise<Chromium | string> {
  const path = join(root, 'usr', 'lib', 'chromium', 'chromium')
  if (!existsSync(path)) return `its package holds no ${path}`
  const files = await readdir(root, { recursive: true, withFileTypes: true })
  const libraries = new Set(files.filter(({ name }) => /\.so(\.|$)/.test(name)).map(({ parentPath }) => parentPath))
  const env = { LD_LIBRARY_PATH: [...libraries].join(':') }
  if (existsSync('/etc/fonts/fonts.conf')) return { path, env }
  const fonts = join(root, 'fonts.conf')
  await writeFile(fonts, `<fontconfig><dir>${join(root, 'usr', 'share', 'fonts')}</dir></fontconfig>\n`)
  return { path, env: { ...env, FONTCONFIG_FILE: fonts } }
}
