import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

test('receipts that nobody awaits never end the process, and a store that nobody closes never keeps it', async () => {
  const program = join(import.meta.dirname, '../../programs/ignore-everything.ts')
  // Rejects if it ends with an error, or not at all.
  const { stdout, stderr } = await run(process.execPath, ['--unhandled-rejections=strict', program], {
    timeout: 30_000,
  })
  expect(stdout).toBe('done\n')
  // What failed in the background is said all the same.
  expect(stderr).toContain('TandemWarning')
  expect(stderr).not.toMatch(/unhandled|ERR_/i)
})

test.each([
  ['wait', 'AUTHENTICATION\n'],
  ['await', 'searchable\n'],
  ['room', '4\n'],
])('an attempt that is to be made again keeps the process only for who awaits it: %s', async (how, printed) => {
  const program = join(import.meta.dirname, '../../programs/failing-put.ts')
  const { stdout } = await run(process.execPath, [program, how], { timeout: 60_000 })
  expect(stdout).toBe(printed)
})
