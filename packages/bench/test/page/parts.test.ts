import { describe, expect, test } from 'vitest'
import { csv } from '../../src/page/csv.js'
import { bytes, dollars, duration, milliseconds, number, percent, round } from '../../src/page/format.js'
import { html, scriptJson } from '../../src/page/html.js'
import { shortNames } from '../../src/page/names.js'
import { renderPage } from '../../src/page/page.js'
import { linearAxis, logAxis } from '../../src/page/plots/axes.js'
import { placeLabels } from '../../src/page/plots/labels.js'
import { ratesOf } from '../../src/page/plots/throughput.js'
import { compareReport, curve } from './reports.js'

test('p-values on the page are those of as many comparisons as there are', () => {
  // 0.0004 three times.
  const page = renderPage(compareReport())
  expect(page).toContain('p = 0.001')
  expect(page).not.toContain('p &lt; 0.001')
  expect(page).toContain('Holm')
})

describe('markup', () => {
  test('escapes values in texts and attributes, and leaves markup as it is', () => {
    const inner = html`<b title="${`"'<>&`}">${'<i>'}</b>`
    expect(html`<p>${inner}${[inner, 1]}${undefined}</p>`.text).toBe(
      `<p>${'<b title="&quot;&#39;&lt;&gt;&amp;">&lt;i&gt;</b>'.repeat(2)}1</p>`,
    )
  })

  test('writes JSON that cannot end its script, and means the same', () => {
    const value = { '</script>': ['<!--', '<script>', '\u2028', '\\u003c'] }
    const { text } = scriptJson(value)
    expect(text).not.toContain('<')
    expect(JSON.parse(text)).toEqual(value)
  })
})

describe('numbers', () => {
  test('have three significant digits', () => {
    expect([0, 0.00001, 0.01234, 1.5, 12.345, 123.4, 1234.5, -0.5].map(number)).toEqual(
      ['0', '1.0e-5', '0.0123', '1.50', '12.3', '123', '1,235', '-0.500'], // biome-ignore format: a row
    )
    expect([0.5, 10, 1000, 0.02].map(round)).toEqual(['0.5', '10', '1,000', '0.02'])
  })

  test('of time have the unit that reads best', () => {
    expect([0, 0.05, 0.9, 12, 999, 1500].map((ms) => milliseconds(ms))).toEqual(
      ['0 ms', '50.0 µs', '0.900 ms', '12.0 ms', '999 ms', '1.50 s'], // biome-ignore format: a row
    )
    expect([1500, 59_999, 60_000, 252_400, 3_600_000 * 2.5].map(duration)).toEqual(
      ['1.50 s', '60.0 s', '1 min 0 s', '4 min 12 s', '2 h 30 min'], // biome-ignore format: a row
    )
  })

  test('of money and size', () => {
    expect([0, 0.02, 0.13, 1.5, 0.000123].map(dollars)).toEqual(['$0', '$0.02', '$0.13', '$1.50', '$0.00012'])
    expect([512, 1536, 12_288, 3 * 2 ** 30].map(bytes)).toEqual(['512 B', '1.5 KiB', '12 KiB', '3 GiB'])
    expect([0, 0.004, 0.137, 1].map(percent)).toEqual(['0 %', '0.4 %', '14 %', '100 %'])
  })
})

describe('CSV', () => {
  test('has a column for each path to a value, empty where a record has none', () => {
    const text = csv([
      { name: 'a', exact: { mean: 0.5 }, sample: [1, 2] },
      { name: 'b', reason: 'no key, "sorry"\nnow' },
    ])
    expect(text).toBe('name,exact.mean,reason\r\na,0.5,\r\nb,,"no key, ""sorry""\nnow"\r\n')
  })

  test('holds no text that a spreadsheet runs as a formula', () => {
    expect(csv([{ name: '=HYPERLINK("x")', value: -1 }])).toBe(`name,value\r\n"'=HYPERLINK(""x"")",-1\r\n`)
  })
})

describe('short names', () => {
  test('are the last part where it tells models apart', () => {
    expect(shortNames(['local', 'transformers:Xenova/all-MiniLM-L6-v2'])).toEqual(['local', 'all-MiniLM-L6-v2'])
    expect(shortNames(['a:x/e5', 'b:y/e5'])).toEqual(['a:x/e5', 'b:y/e5'])
  })

  test('are distinct even where they are cut, or the same', () => {
    const long = Array.from({ length: 12 }, (_, i) => `vendor:${'name-'.repeat(20)}${i}${'-end'.repeat(20)}`)
    const short = shortNames([...long, 'same', 'same'])
    expect(new Set(short).size).toBe(14)
    expect(Math.max(...short.map((name) => name.length))).toBeLessThanOrEqual(27)
  })
})

describe('axes', () => {
  test('reach round values around those there are', () => {
    const { at, ticks } = logAxis([3, 170], [0, 100], 8)
    expect(ticks).toEqual([2, 5, 10, 20, 50, 100, 200])
    expect([at(2), at(200), at(20)]).toEqual([0, 100, 50])
  })

  test.each([[[5]], [[0]], [[1]], [[0, 0]]])('have a stretch for %j', (values) => {
    for (const axis of [logAxis(values, [0, 100], 5), linearAxis(values, [0, 100], { count: 4, zero: true })]) {
      expect(axis.ticks.length).toBeGreaterThan(1)
      for (const value of values) expect(axis.at(value)).toBeGreaterThanOrEqual(0)
    }
  })
})

test('labels lie inside and apart, though their points are the same', () => {
  const points = Array.from({ length: 8 }, () => ({ x: 390, y: 200, label: 'all-MiniLM-L6-v2' }))
  const placed = placeLabels(points, { x: 0, y: 0, width: 400, height: 400 }, [])
  for (const [i, a] of placed.entries()) {
    expect(a.x >= 0 && a.x + a.width <= 400 && a.y >= 0 && a.y + a.height <= 400).toBe(true)
    for (const b of placed.slice(i + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
      expect(apart).toBe(true)
    }
  }
})

describe('rates', () => {
  test('cover the run, and add up to all that was done', () => {
    const points = curve(5000, 200)
    const rates = ratesOf(points)
    expect(rates.length).toBeLessThanOrEqual(40)
    expect(rates[0]?.fromMs).toBe(0)
    expect(rates.at(-1)?.toMs).toBe(points.at(-1)?.atMs)
    const done = rates.reduce((sum, { fromMs, toMs, rate }) => sum + (rate * (toMs - fromMs)) / 1000, 0)
    expect(done).toBeCloseTo(5000, 6)
  })

  test('do not leap where the last moments of a run lie close together', () => {
    const points = [100, 200, 300, 301].map((atMs, i) => ({ atMs, documents: [10, 20, 30, 35][i] ?? 0 }))
    expect(ratesOf(points).map(({ rate }) => Math.round(rate))).toEqual([100, 100, 149])
  })

  test('are none of a run without points, or that took no time', () => {
    expect(ratesOf([])).toEqual([])
    expect(ratesOf([{ atMs: 0, documents: 5 }])).toEqual([])
  })
})
