import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BuildOptions, build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const asQuery = { purpose: 'query' } as const

describe('where there is no file system', () => {
  beforeEach(() => {
    vi.resetModules()
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  it('the table is fetched, once for all embedders', async () => {
    const { readFileSync } = await import('node:fs')
    const fetched = vi.fn(async (url: URL) => new Response(readFileSync(url)))
    vi.stubGlobal('fetch', fetched)
    const { local } = await import('../src/local.js')
    const [a, b] = await Promise.all([local().embed(['green tea'], asQuery), local().embed(['green tea'], asQuery)])
    expect(a.vectors).toEqual(b.vectors)
    expect(fetched).toHaveBeenCalledTimes(1)
    expect(String(fetched.mock.calls[0]?.[0])).toMatch(/\/data\/static-model\.bin$/)
  })

  it('it says what to do when that fails, and tries again the next time', async () => {
    const fetched = vi.fn(async () => new Response('not here', { status: 404 }))
    vi.stubGlobal('fetch', fetched)
    const { local } = await import('../src/local.js')
    const embedder = local()
    for (const times of [1, 2]) {
      await expect(embedder.embed(['green tea'], asQuery)).rejects.toMatchObject({
        code: 'CONFIGURATION',
        message: expect.stringMatching(/answers 404.*local\(\{ data \}\)/),
      })
      expect(fetched).toHaveBeenCalledTimes(times)
    }
  })

  it('a file of another version is refused', async () => {
    const { readFileSync } = await import('node:fs')
    const { readStaticModel, writeStaticModel } = await import('../src/static-model.js')
    vi.stubGlobal('fetch', async (url: URL) => {
      const bytes = writeStaticModel({ ...readStaticModel(readFileSync(url)), revision: 'another' })
      return new Response(bytes as Uint8Array<ArrayBuffer>)
    })
    const { local } = await import('../src/local.js')
    await expect(local().embed(['green tea'], asQuery)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('another'),
    })
  })
})

describe('bundled by esbuild', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-bundle-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function bundleAndRun(program: string, options: BuildOptions): Promise<string> {
    const outfile = join(folder, 'out.mjs')
    await build({
      stdin: { contents: program, resolveDir: import.meta.dirname },
      bundle: true,
      format: 'esm',
      target: 'es2022',
      outfile,
      logLevel: 'silent',
      ...options,
    })
    const { stdout } = await promisify(execFile)(process.execPath, [outfile])
    return stdout.trim()
  }

  it('for a browser, it needs nothing of Node.js, and takes the bytes', async () => {
    const program = `
      import data from '@tandemstore/embed-local/static-model.bin'
      import { local } from '@tandemstore/embed-local'
      const { vectors } = await local({ data }).embed(['green tea'], { purpose: 'query' })
      console.log(vectors[0].length)`
    expect(await bundleAndRun(program, { platform: 'browser', loader: { '.bin': 'binary' } })).toBe('256')
  })

  it('without the bytes, it says what to do', async () => {
    const program = `
      import { local } from '@tandemstore/embed-local'
      local().embed(['green tea'], { purpose: 'query' }).catch(({ code, message }) => console.log(code, message))`
    expect(await bundleAndRun(program, { platform: 'node' })).toMatch(/^CONFIGURATION .*local\(\{ data \}\)/)
  })
})

it('lets a process end', async () => {
  const program = `
    import { local } from '@tandemstore/embed-local'
    const { vectors } = await local().embed(['hello'], { purpose: 'query' })
    console.log(vectors[0].length)`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
  })
  expect({ stdout, stderr }).toEqual({ stdout: '256\n', stderr: '' })
})
