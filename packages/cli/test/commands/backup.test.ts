import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { run, runJson, temporaryFolder } from '../run.js'

const program = fileURLToPath(new URL('../programs/write-pairs.ts', import.meta.url))

test('a backup is of one moment while another process writes', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder()
  const writer = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void writer.kill('SIGKILL'))
  let acknowledged = 0
  const lines = createInterface({ input: writer.stdout })
  lines.on('line', () => {
    acknowledged += 1
  })
  while (acknowledged < 20) await once(lines, 'line')
  for (const name of ['one.db', 'two.db']) {
    const before = acknowledged
    expect(await runJson(['backup', name, '--db', 'notes.db'], { folder })).toMatchObject({ file: name })
    // The writer did not have to stop for it.
    expect(writer.exitCode).toBeNull()
    const count = async (part: string) =>
      (await runJson<{ documents: number }>(['count', `pairs/${part}`, '--db', name], { folder })).documents
    const [first, second] = [await count('first'), await count('second')]
    expect(second).toBeGreaterThanOrEqual(before)
    // The last pair may have been half written.
    expect([0, 1]).toContain(first - second)
    // What was on its way at that moment is done by the first who opens it, once the writer's lease is over.
    const { code, stdout } = await run(['verify', '--db', name, '--json'], { folder })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ checked: first + second, missing: 0, stale: 0, orphaned: 0 })
  }
})
