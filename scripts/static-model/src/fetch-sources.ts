import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The packages whose documentation is read, each with its exact version. */
export interface Sources {
  readonly npm: readonly string[]
  readonly pypi: readonly string[]
  /** Names of packages that nothing is fitted to: choices are made on them. */
  readonly heldOut: readonly string[]
}

export interface SourceFolder {
  /** Such as `npm:undici@8.13.1`. */
  readonly id: string
  readonly name: string
  readonly folder: string
}

/** Downloads what is not there yet by npm and pip, and unpacks it. Nothing is installed, and no script of a package runs. */
export async function fetchSources(sources: Sources, cache: string): Promise<SourceFolder[]> {
  const folders: SourceFolder[] = []
  for (const spec of sources.npm) {
    const name = spec.slice(0, spec.lastIndexOf('@'))
    const folder = join(cache, `npm-${spec.replaceAll('/', '+')}`)
    await unpackOnce(folder, async (to) => {
      await run('npm', ['pack', spec, '--pack-destination', to, '--silent'])
      await run('tar', ['-xzf', await only(to), '-C', to])
    })
    folders.push({ id: `npm:${spec}`, name, folder })
  }
  for (const spec of sources.pypi) {
    const [name = spec] = spec.split('==')
    const folder = join(cache, `pypi-${spec}`)
    await unpackOnce(folder, async (to) => {
      const wheel = ['--only-binary=:all:', '--python-version', '3.12']
      await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', ...wheel, '--dest', to, spec])
      await run('unzip', ['-qo', await only(to), '*.py', '-d', to])
    })
    folders.push({ id: `pypi:${spec}`, name, folder })
  }
  return folders
}

export async function readSources(file: string): Promise<Sources> {
  return JSON.parse(await readFile(file, 'utf8'))
}

/** A folder that is half done has another name, so that one that is there is whole. */
async function unpackOnce(folder: string, unpack: (to: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  await unpack(unfinished)
  await rename(unfinished, folder)
}

async function only(folder: string): Promise<string> {
  const [name, ...others] = await readdir(folder)
  if (name === undefined || others.length > 0) throw new Error(`${folder} should hold one archive`)
  return join(folder, name)
}
