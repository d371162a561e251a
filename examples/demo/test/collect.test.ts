import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { memoryKV } from '@tandemstore/core/memory'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { collect } from '../src/collect.ts'
import { cutOnce, openCuts } from '../src/cuts.ts'
import { findInFolder } from '../src/find-documents.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-demo-'))
})
afterEach(() => rm(root, { recursive: true }))

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

describe('collect', () => {
  const limits = { maxTokens: 100, countTokens: (text: string) => text.length / 4 }
  const read = async (folder: string) => {
    await using cuts = await openCuts(memoryKV())
    const { files } = await findInFolder(join(root, folder))
    return await collect(files, limits, cuts, new AbortController().signal)
  }

  it('skips what is no text, and says why', async () => {
    await write('x/binary.md', new Uint8Array([35, 0, 1]))
    await write('x/huge.md', 'a'.repeat(1_000_001))
    await write('x/latin.txt', new Uint8Array([0x67, 0x72, 0xfc, 0xdf]))
    await write('x/ok.md', '\ufeff# Ok\n\ntext')
    const { files, skipped } = await read('x')
    expect(files.flat().map(({ value }) => value)).toEqual([
      { source: 'x', file: 'ok.md', heading: 'Ok', text: 'x: Ok\n\ntext' },
    ])
    expect(skipped.map(({ file, reason }) => [file.file, reason])).toEqual([
      ['binary.md', 'binary'],
      ['huge.md', 'too large'],
      ['latin.txt', 'not UTF-8'],
    ])
  })

  it('keeps the key of a section that only moved, and tells equal ones apart', async () => {
    await write('x/a.md', '# A\n\nsame\n\n# B\n\ntext\n\n# A\n\nsame')
    const before = (await read('x')).files.flat()
    await write('x/a.md', '# New\n\nnew\n\n# B\n\ntext\n\n# A\n\nsame\n\n# A\n\nsame')
    const after = (await read('x')).files.flat()
    expect(new Set(after.map(({ key }) => key)).size).toBe(4)
    expect(after.map(({ key }) => key).sort()).toEqual(expect.arrayContaining(before.map(({ key }) => key).sort()))
  })
})

describe('cutOnce', () => {
  it('cuts a text again only when it, or how to cut it, is another', async () => {
    await using cuts = await openCuts(memoryKV())
    const cut = vi.fn(() => [{ heading: 'A', body: 'text' }])
    const first = await cutOnce(cuts, ['v1'], 'text', cut)
    expect(await cutOnce(cuts, ['v1'], 'text', cut)).toEqual(first)
    expect(cut).toHaveBeenCalledTimes(1)
    await cutOnce(cuts, ['v1'], 'other', cut)
    await cutOnce(cuts, ['v2'], 'text', cut)
    expect(cut).toHaveBeenCalledTimes(3)
  })
})
