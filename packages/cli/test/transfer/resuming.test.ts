import { once } from 'node:events'
import { existsSync, readFileSync, watch } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { run, runJson, start, temporaryFolder } from '../run.js'

const quota = fileURLToPath(new URL('../programs/quota.config.ts', import.meta.url))
const COUNT = 5000

async function writeLines(folder: string, count: number): Promise<void> {
  const line = (i: number) => JSON.stringify({ id: `k${i}`, title: `note ${i}`, body: `about number ${i}` })
  await writeFile(join(folder, 'notes.jsonl'), `${Array.from({ length: count }, (_, i) => line(i)).join('\n')}\n`)
}

function positionIn(folder: string): number {
  return JSON.parse(readFileSync(join(folder, 'notes.jsonl.import'), 'utf8')).state.position
}

describe('an import that ends early', () => {
  test('is not begun where it cannot be noted how far it is', async () => {
    const folder = await temporaryFolder()
    await writeLines(folder, 10)
    const { code, stderr } = await run(['import', 'notes.jsonl', '--db', 'new.db', '--state', 'none/state'], { folder })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('give --state') })
    expect(await runJson(['count', '--db', 'new.db'], { folder })).toMatchObject({ documents: 0 })
  })

  test('says why when the set-up fails, and goes on where it was', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder()
    await writeLines(folder, COUNT)
    const args = ['import', 'notes.jsonl', '--config', quota]
    const first = await run(args, { folder, env: { QUOTA: '4000' } })
    expect(first.code).not.toBe(0)
    expect(first.stderr.match(/The account is empty/g)).toHaveLength(1)
    const position = positionIn(folder)
    expect(position).toBeGreaterThan(0)
    expect(position).toBeLessThan(COUNT)
    const second = await run([...args, '--json'], { folder })
    expect(second.code).toBe(0)
    expect(second.stderr).toContain(`Going on after line ${position.toLocaleString('en')}`)
    expect(JSON.parse(second.stdout)).toMatchObject({ written: COUNT, failed: 0, problems: [] })
    expect(existsSync(join(folder, 'notes.jsonl.import'))).toBe(false)
    expect(await runJson(['verify', '--config', quota], { folder })).toMatchObject({ checked: COUNT, left: 0 })
    // The time to live of the configuration holds for what is no export.
    expect(await runJson(['stats', '--config', quota], { folder })).toMatchObject({ withExpiry: COUNT })
  })

  test.each(['SIGKILL', 'SIGINT'] as const)('%s loses nothing', { timeout: 120_000 }, async (signal) => {
    const folder = await temporaryFolder()
    await writeLines(folder, COUNT)
    const args = ['import', 'notes.jsonl', '--db', 'new.db', '--text-field', 'body']
    const changes = watch(folder)
    const child = start(args, { folder })
    const noted = new Promise<void>((resolve) => {
      changes.on('change', (_, name) => {
        // The first note is made before anything is written.
        if (name === 'notes.jsonl.import' && positionIn(folder) > 0) resolve()
      })
    })
    const ended = once(child, 'exit')
    await noted
    child.kill(signal)
    const [code] = await ended
    changes.close()
    expect(code).toBe(signal === 'SIGINT' ? 130 : null)
    const again = await run([...args, '--json'], { folder })
    expect(again.code).toBe(0)
    expect(again.stderr).toContain('Going on after line')
    expect(JSON.parse(again.stdout)).toMatchObject({ written: COUNT, failed: 0, problems: [] })
    expect(await runJson(['count', '--db', 'new.db'], { folder })).toMatchObject({ documents: COUNT })
  })

  test('one that makes other documents of its input begins anew', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder()
    await writeLines(folder, COUNT)
    const args = ['import', 'notes.jsonl', '--config', quota]
    await run(args, { folder, env: { QUOTA: '4000' } })
    expect(positionIn(folder)).toBeGreaterThan(0)
    const { code, stderr, stdout } = await run([...args, '--namespace', 'other', '--json'], { folder })
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('Going on') })
    expect(JSON.parse(stdout)).toMatchObject({ written: COUNT, problems: [] })
  })

  test('another input, another place or --restart begin anew', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder()
    await writeLines(folder, 2000)
    await run(['import', 'notes.jsonl', '--config', quota], { folder, env: { QUOTA: '2000' } })
    expect(existsSync(join(folder, 'notes.jsonl.import'))).toBe(true)
    const elsewhere = await run(['import', 'notes.jsonl', '--db', 'new.db', '--state', 'notes.jsonl.import'], {
      folder,
    })
    expect(elsewhere.stderr).not.toContain('Going on')
    await run(['import', 'notes.jsonl', '--config', quota], { folder, env: { QUOTA: '2000' } })
    await writeLines(folder, 10)
    const changed = await run(['import', 'notes.jsonl', '--config', quota], { folder })
    expect(changed).toMatchObject({ code: 0, stderr: '' })
  })
})

test('export and import hold little in memory, however much there is', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder()
  const body = 'x'.repeat(4000)
  const lines = Array.from(
    { length: 20_000 },
    (_, i) => `${JSON.stringify({ namespace: ['n'], key: `k${i}`, value: { i, body }, index: false })}\n`,
  )
  const header = `${JSON.stringify({ $tandem: { format: 1, collection: 'notes', prefix: [] } })}\n`
  const footer = `${JSON.stringify({ $tandem: { documents: lines.length } })}\n`
  await writeFile(join(folder, 'large.jsonl'), [header, ...lines, footer])
  // A fifth of what they take as texts.
  const options = { folder, node: ['--max-old-space-size=48', '--max-semi-space-size=2'] }
  expect(await runJson(['import', 'large.jsonl', '--db', 'large.db'], options)).toMatchObject({ written: 20_000 })
  const { code, stderr } = await run(['export', '--db', 'large.db', '-o', 'again.jsonl'], options)
  // On a slow machine it also says how far it is.
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/Exported 20,000 documents\.\n$/) })
})
