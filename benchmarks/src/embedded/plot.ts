/** Milliseconds by size, of one side. */
export interface Series {
  readonly name: string
  readonly points: readonly { readonly size: number; readonly ms: number }[]
}

const [WIDTH, HEIGHT] = [760, 440]
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 190, 30, 50]
const COLOURS = ['#0b6e4f', '#c1121f', '#1d4e89', '#e08e45', '#6a4c93', '#7f7f7f']

/** Latency against size, both axes logarithmic, as SVG. */
export function plot(series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points)
  const x = axis(
    all.map(({ size }) => size),
    LEFT,
    WIDTH - RIGHT,
  )
  const y = axis(
    all.map(({ ms }) => ms),
    HEIGHT - BOTTOM,
    TOP,
  )
  const lines = series.map(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length]
    const path = points.map(({ size, ms }, at) => `${at === 0 ? 'M' : 'L'}${x.at(size)} ${y.at(ms)}`).join(' ')
    const dots = points.map(({ size, ms }) => `<circle cx="${x.at(size)}" cy="${y.at(ms)}" r="3" fill="${colour}"/>`)
    const last = points.at(-1)
    const label = last && `<text x="${x.at(last.size) + 8}" y="${y.at(last.ms) + 4}" fill="${colour}">${name}</text>`
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${label ?? ''}`
  })
  const grid = [
    ...x.ticks.map((tick) => {
      const at = x.at(tick)
      return `<path d="M${at} ${TOP}V${HEIGHT - BOTTOM}" stroke="#ddd"/><text x="${at}" y="${HEIGHT - 30}" text-anchor="middle">${tick.toLocaleString('en')}</text>`
    }),
    ...y.ticks.map((tick) => {
      const at = y.at(tick)
      return `<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${tick} ms</text>`
    }),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>Latency of a search against the number of documents</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
${grid.join('\n')}
${lines.join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">documents in the file</text>
</svg>
`
}

/** Powers of ten around some values, and where a value lies between two ends. */
function axis(values: readonly number[], from: number, to: number): { ticks: number[]; at(value: number): number } {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, i) => Number((10 ** (low + i)).toPrecision(1))),
    at: (value) => Number((from + ((Math.log10(value) - low) / (high - low)) * (to - from)).toFixed(1)),
  }
}
