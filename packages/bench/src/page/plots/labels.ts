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
/** What a covered square pixel and a crossed line cost, in pixels of distance. */
const COVERED = 20
const CROSSED = 60
const DISTANCES = [10, 16, 24, 34, 46, 60, 76, 94, 114, 136, 160, 188, 218, 250]
const DIRECTIONS = [0, 180, -90, 90, -40, 40, -140, 140, -65, 65, -115, 115].map((degrees) => (degrees * Math.PI) / 180)

/**
 * Finds a place for each label near its point, where it covers no other label and no mark, and if that can be neither
 * `avoid` nor the lines of others to their points. Greedy: each point in turn, from the top down, takes the place
 * that costs least.
 */
export function placeLabels(points: readonly Labelled[], bounds: Box, avoid: readonly Box[]): Placed[] {
  const marks = points.map(({ x, y }): Box => ({ x: x - MARK, y: y - MARK, width: 2 * MARK, height: 2 * MARK }))
  const placed = new Map<Labelled, Placed>()
  for (const point of points.toSorted((a, b) => a.y - b.y)) {
    const labels = [...placed.values()]
    const lines = [...placed].filter(([, { far }]) => far).map(([other, place]) => lineTo(other, place))
    const cost = (place: Candidate): number => {
      const struck = count(lines, (other) => hits(other, place))
      const line = lineTo(point, place)
      const crossed = place.far
        ? count(lines, (other) => cross(line, other)) + count(labels, (label) => hits(line, label))
        : 0
      const covered = COVERED * sum([...marks, ...labels], place) + sum(avoid, place)
      return place.distance + covered + CROSSED * (crossed + struck)
    }
    const [best] = candidates(point)
      .map((candidate) => moveInside(candidate, bounds))
      .map((place) => ({ place, cost: cost(place) }))
      .toSorted((a, b) => a.cost - b.cost)
    if (best !== undefined) placed.set(point, best.place)
  }
  return points.flatMap((point) => placed.get(point) ?? [])
}

interface Candidate extends Placed {
  readonly distance: number
}

/** Two ends: x, y, x, y. */
type Line = readonly [number, number, number, number]

/** The line from a point to the nearest edge of its label. */
export function lineTo({ x, y }: { readonly x: number; readonly y: number }, place: Box): Line {
  const nearX = Math.min(Math.max(x, place.x), place.x + place.width)
  const nearY = y < place.y ? place.y + 2 : y > place.y + place.height ? place.y + place.height - 2 : y
  return [x, y, nearX, nearY]
}

function cross([ax, ay, bx, by]: Line, [cx, cy, dx, dy]: Line): boolean {
  const side = (x: number, y: number, [fromX, fromY, toX, toY]: Line) =>
    Math.sign((toX - fromX) * (y - fromY) - (toY - fromY) * (x - fromX))
  const first: Line = [ax, ay, bx, by]
  const second: Line = [cx, cy, dx, dy]
  return side(ax, ay, second) !== side(bx, by, second) && side(cx, cy, first) !== side(dx, dy, first)
}

function hits(line: Line, { x, y, width, height }: Box): boolean {
  return cross(line, [x, y, x + width, y + height]) || cross(line, [x, y + height, x + width, y])
}

function count<T>(all: readonly T[], test: (each: T) => boolean): number {
  return all.filter(test).length
}

function sum(boxes: readonly Box[], place: Box): number {
  return boxes.reduce((total, each) => total + overlap(place, each), 0)
}

function candidates(point: Labelled): Candidate[] {
  return DISTANCES.flatMap((distance, i) =>
    DIRECTIONS.map((angle) => ({ ...box(point, angle, distance), distance, far: i > 1 })),
  )
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

function moveInside<T extends Box>(place: T, { x, y, width, height }: Box): T {
  const inside = (start: number, length: number, from: number, space: number): number =>
    Math.max(from, Math.min(start, from + space - length))
  return { ...place, x: inside(place.x, place.width, x, width), y: inside(place.y, place.height, y, height) }
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return width > 0 && height > 0 ? width * height : 0
}
