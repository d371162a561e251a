import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findInFolder, findInstalled } from '../src/find-documents.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-demo-'))
})
afterEach(() => rm(root, { recursive: true }))

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

async function addPackage(folder: string, name: string, version: string, ...files: string[]): Promise<void> {
  await write(`${folder}/package.json`, JSON.stringify({ name, version }))
  for (const file of files) await write(`${folder}/${file}`, `# ${name}\n\nText of ${file}.`)
}

const names = (found: Awaited<ReturnType<typeof findInstalled>>) =>
  found.files.map(({ namespace, file }) => `${namespace.join('@')} ${file}`)

describe('findInstalled', () => {
  it('finds READMEs and docs, and nothing else', async () => {
    await addPackage(
      'nm/a',
      'a',
      '1.0.0',
      'readme.markdown',
      'docs/deep/x.mdx',
      'CHANGELOG.md',
      'README.fr.md',
      'lib/y.md',
    )
    await addPackage('nm/@scope/b', '@scope/b', '2.0.0', 'README', '.github/README.md')
    await addPackage('nm/.bin/c', 'c', '1.0.0', 'README.md')
    expect(names(await findInstalled(join(root, 'nm')))).toEqual([
      '@scope/b@2.0.0 README',
      'a@1.0.0 readme.markdown',
      'a@1.0.0 docs/deep/x.mdx',
    ])
  })

  it('takes each package of a pnpm layout once, by name and version', async () => {
    const store = 'nm/.pnpm'
    await addPackage(`${store}/a@1.0.0/node_modules/a`, 'a', '1.0.0', 'README.md')
    await addPackage(`${store}/a@1.0.0_peer/node_modules/a`, 'a', '1.0.0', 'README.md')
    await addPackage(`${store}/a@2.0.0/node_modules/a`, 'a', '2.0.0', 'README.md')
    await addPackage(`${store}/@s+b@1.0.0/node_modules/@s/b`, '@s/b', '1.0.0', 'README.md')
    await mkdir(join(root, store, 'node_modules'))
    // Links as pnpm makes them: at the top, hoisted, beside a dependent; and one that makes a cycle.
    await symlink(join(root, store, 'a@1.0.0/node_modules/a'), join(root, 'nm/a'))
    await symlink(join(root, store, 'a@1.0.0/node_modules/a'), join(root, store, 'node_modules/a'))
    await symlink(join(root, store, 'a@1.0.0/node_modules/a'), join(root, store, '@s+b@1.0.0/node_modules/a'))
    await symlink(join(root, store, '@s+b@1.0.0/node_modules/@s/b'), join(root, store, 'a@1.0.0/node_modules/b'))
    await symlink(join(root, 'nowhere'), join(root, 'nm/broken'))
    const found = await findInstalled(join(root, 'nm'))
    expect(names(found)).toEqual(['@s/b@1.0.0 README.md', 'a@1.0.0 README.md', 'a@2.0.0 README.md'])
    expect(found.places).toBe(3)
  })

  it('finds packages nested as npm does', async () => {
    await addPackage('nm/a', 'a', '1.0.0', 'README.md')
    await addPackage('nm/a/node_modules/b', 'b', '1.0.0', 'README.md')
    expect(names(await findInstalled(join(root, 'nm')))).toEqual(['a@1.0.0 README.md', 'b@1.0.0 README.md'])
  })

  it('counts packages that do not say who they are', async () => {
    await write('nm/broken/package.json', '{')
    await write('nm/nameless/package.json', '{}')
    await write('nm/half/package.json', '{"name":"\\ud800","version":"1.0.0"}')
    await addPackage('nm/a', 'a', '1.0.0', 'README.md')
    const found = await findInstalled(join(root, 'nm'))
    expect(names(found)).toEqual(['a@1.0.0 README.md'])
    expect(found.unreadable).toBe(3)
  })

  it('says where it found nothing', async () => {
    await expect(findInstalled(join(root, 'nm'))).rejects.toThrow(/No package with documentation .*nm/)
  })
})

describe('findInFolder', () => {
  it('finds Markdown and text, not in hidden folders, and follows no link', async () => {
    await write('notes/b.txt', 'b')
    await write('notes/deep/a.MD', 'a')
    await write('notes/README.md', 'r')
    await write('notes/code.js', 'c')
    await write('notes/.git/x.md', 'x')
    await symlink(root, join(root, 'notes/loop'))
    await symlink(join(root, 'notes/b.txt'), join(root, 'notes/link.txt'))
    expect(names(await findInFolder(join(root, 'notes')))).toEqual([
      'notes README.md',
      'notes b.txt',
      'notes deep/a.MD',
    ])
  })

  it('says which folder cannot be read', async () => {
    await write('file', '')
    await expect(findInFolder(join(root, 'nowhere'))).rejects.toThrow(/nowhere cannot be read \(ENOENT\)/)
    await expect(findInFolder(join(root, 'file'))).rejects.toThrow(/is not a folder/)
  })
})
