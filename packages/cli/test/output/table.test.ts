import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { bytes, duration, time } from '../../src/output/format.js'
import { clean, cut, formatTable } from '../../src/output/table.js'

describe('formatTable', () => {
  test('aligns what is wide, and numbers to the right', () => {
    const rows = [
      ['茶', '1', 'tea'],
      ['naïve 👩‍👩‍👧', '1,234', 'b'],
    ]
    const lines = formatTable(['name', 'count', 'about'], rows).split('\n')
    const columns = lines
      .map((line) => line.search(/about|tea|b$/))
      .map((at, i) => stringWidth((lines[i] as string).slice(0, at)))
    expect(new Set(columns).size, lines.join('\n')).toBe(1)
    expect(lines[1]).toMatch(/ {4}1 {2}tea$/)
  })

  test('cuts the last column to the terminal, by what one sees as a character', () => {
    const [, line = ''] = formatTable(['a', 'b'], [['x', '茶'.repeat(50)]], { columns: 20 }).split('\n')
    expect(line).toMatch(/^x {2}茶+…$/)
    expect(stringWidth(line)).toBeLessThanOrEqual(20)
    expect(cut('ab👩‍👩‍👧cd', 5)).toBe('ab👩‍👩‍👧…')
    expect(cut('short', 5)).toBe('short')
  })

  test('keeps what is not ours on its line', () => {
    expect(formatTable(['a'], [['one\ntwo\u001b[31m\t']])).toBe('a\none two [31m')
    expect(clean('\u009b0m')).toBe(' 0m')
  })
})

test('figures as people read them', () => {
  expect([bytes(0), bytes(999), bytes(1234), bytes(52_183_040), bytes(1e15)]).toEqual([
    '0 B',
    '999 B',
    '1.2 kB',
    '52.2 MB',
    '1,000 TB',
  ])
  expect([duration(0.2), duration(61), duration(7260)]).toEqual(['1 s', '1 min 1 s', '2 h 1 min'])
  expect(time(new Date('2026-11-30T20:54:06.789Z'))).toBe('2026-11-30 20:54:06')
})
