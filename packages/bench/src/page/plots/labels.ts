/** A rectangle by its upper left corner, pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Labelled {
  readonly x: number
  readonly y: number
  readonly label: string
}

export interface Placed extends Box {
  /** Far enough from its point to need a line to it. */
  readonly far: boolean
}

const FONT_SIZE = 12
/** Wider than the letters of common fonts are on average, as their real widths are not known here. */
const LETTER = 0.62 * FONT_SIZE
const HEIGHT = 16
const MARK = 7
const DISTANCES = [10, 16, 24, 34, 46, 60, 76, 94, 114, 136, 160]
const DIRECTIONS = [0, 180, -90, 90, -40, 40, -140, 140, -65, 65, -115, 115].map((degrees) => (degrees * Math.PI) / 180)

/**
 * Finds a place for each label near its point where it covers no other label, no mark and, if that can be, none of `avoid`. Greedy: each
 * point in turn takes the nearest free place. Where none is free, it takes the one that covers least.
 */
export function placeLabels(points: readonly Labelled[], bounds: Box, avoid: readonly Box[]): Placed[] {
  const marks = points.map(({ x, y }): Box => ({ x: x - MARK, y: y - MARK, width: 2 * MARK, height: 2 * MARK }))
  const placed = new Map<Labelled, Placed>()
  // From the top down, so that a crowd of points fans out.
  for (const point of points.toSorted((a, b) => a.y - b.y)) {
    const taken = [...marks, ...placed.values()]
    const places = candidates(point).filter((place) => within(place, bounds))
    const covered = (place: Box, boxes: readonly Box[]) => boxes.reduce((sum, box) => sum + overlap(place, box), 0)
    const place =
      places.find((each) => covered(each, taken) === 0 && covered(each, avoid) === 0) ??
      places.find((each) => covered(each, taken) === 0) ??
      places.toSorted((a, b) => covered(a, taken) - covered(b, taken))[0]
    if (place !== undefined) placed.set(point, place)
  }
  return points.map((point) => placed.get(point) ?? { ...box(point, 0, MARK), far: false })
}

function candidates(point: Labelled): Placed[] {
  return DISTANCES.flatMap((distance, i) => DIRECTIONS.map((angle) => ({ ...box(point, angle, distance), far: i > 1 })))
}

/** The label's box where its nearest edge is `distance` from the point. */
function box({ x, y, label }: Labelled, angle: number, distance: number): Box {
  const width = textWidth(label)
  const [toRight, down] = [Math.cos(angle), Math.sin(angle)]
  const side = toRight > 0.3 ? 0 : toRight < -0.3 ? -width : -width / 2
  return { x: x + toRight * distance + side, y: y + down * distance - HEIGHT / 2 + down * 4, width, height: HEIGHT }
}

export function textWidth(text: string): number {
  return [...text].length * LETTER
}

function within(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  )
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return width > 0 && height > 0 ? width * height : 0
}
