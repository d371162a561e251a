import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createProgress } from '../../src/progress.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What is written, as a terminal or not. */
function stream(isTTY: boolean): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  const written: string[] = []
  const writable = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  const terminal = { isTTY, columns: 120, cursorTo: () => true, clearLine: () => true, moveCursor: () => true }
  return { stream: Object.assign(writable, terminal) as unknown as NodeJS.WriteStream, text: () => written.join('') }
}

it('writes a line every few seconds where there is no terminal, with rate and time left', () => {
  const { stream: out, text } = stream(false)
  const progress = createProgress(out)
  progress.begin('1,000 documents, cold', 1000, 'documents')
  for (let done = 20; done <= 400; done += 20) {
    vi.advanceTimersByTime(1000)
    progress.update(done)
  }
  progress.say('Half of it')
  progress.end()
  progress.update(500)
  expect(text().split('\n')).toEqual([
    '1,000 documents, cold …',
    '1,000 documents, cold: 10 %, 100 of 1,000 documents, 20/s, 45 s left',
    '1,000 documents, cold: 20 %, 200 of 1,000 documents, 20/s, 40 s left',
    '1,000 documents, cold: 30 %, 300 of 1,000 documents, 20/s, 35 s left',
    '1,000 documents, cold: 40 %, 400 of 1,000 documents, 20/s, 30 s left',
    'Half of it',
    '',
  ])
})

it('says how long it still takes in minutes and hours, and nothing of a rate of seconds', () => {
  const { stream: out, text } = stream(false)
  const progress = createProgress(out)
  progress.begin('Working', 8000, 's')
  vi.advanceTimersByTime(5000)
  progress.update(5)
  vi.advanceTimersByTime(5000)
  progress.update(7900)
  progress.begin('Slow', 100, 'documents')
  vi.advanceTimersByTime(10_000)
  progress.update(10)
  expect(text()).toContain('Working: 0 %, 5 of 8,000 s, 2 h 13 min left\n')
  expect(text()).toContain('Working: 98 %, 7,900 of 8,000 s, 1 s left\n')
  expect(text()).toContain('Slow: 10 %, 10 of 100 documents, 1/s, 1 min 30 s left\n')
})

it('draws a bar on a terminal', () => {
  const { stream: out, text } = stream(true)
  const progress = createProgress(out)
  progress.begin('Putting', 50, 'operations')
  vi.advanceTimersByTime(1000)
  progress.update(25)
  vi.advanceTimersByTime(1000)
  progress.end()
  expect(text()).toContain('Putting')
  expect(text()).toContain('50%')
  expect(text()).toContain('25 of 50 operations, 25/s, 1 s left')
})
