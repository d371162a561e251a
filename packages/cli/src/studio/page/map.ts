import type { MapPoint, VectorSample } from '../api-types.js'
import { ask, messageOf } from './api.js'
import { type Child, h, show, svg } from './dom.js'
import { namespaceName, number, plural } from './format.js'
import type { Projection } from './pca.js'
import type { ProjectionRequest } from './pca-worker.js'
import { addressOf, goTo } from './place.js'
import { fault, type MakeView, note, type ViewContext } from './view.js'

const WIDTH = 800
const HEIGHT = 560
const EDGE = 14
/** Namespaces with a colour of their own; the rest share a grey. */
const COLOURS = 8

/** A sample of the vectors under a prefix as points of a plane, near each other where their texts are alike. */
export const mapView: MakeView = (context) => {
  const { place, signal } = context
  const body = h('div', {}, note('Reading vectors …'))
  async function draw(): Promise<void> {
    try {
      const sample = await ask('vectors', { prefix: place.prefix }, signal)
      if (sample.points.length === 0) return show(body, note('There is no vector to show.'))
      show(body, note('Projecting …'))
      const projection = await project(sample, signal)
      show(body, mapOf(sample, projection, context))
    } catch (error) {
      if (!signal.aborted) show(body, fault(messageOf(error)))
    }
  }
  void draw()
  return h('div', {}, h('h2', {}, 'Map of ', namespaceName(place.prefix)), body)
}

function project({ vectors, dimensions }: VectorSample, signal: AbortSignal): Promise<Projection> {
  const bytes = Uint8Array.from(atob(vectors), (character) => character.charCodeAt(0))
  const request: ProjectionRequest = { rows: new Float32Array(bytes.buffer), dimensions }
  const worker = new Worker('/page/pca-worker.js', { type: 'module' })
  const ended = Promise.withResolvers<Projection>()
  worker.addEventListener('message', ({ data }: MessageEvent<Projection>) => ended.resolve(data))
  worker.addEventListener('error', () => ended.reject(new Error('The vectors could not be projected')))
  signal.addEventListener('abort', () => ended.reject(signal.reason))
  worker.postMessage(request)
  return ended.promise.finally(() => worker.terminate())
}

function mapOf(sample: VectorSample, { coordinates, shares }: Projection, context: ViewContext): Child {
  const { points, documents, partial } = sample
  const ranks = colourRanks(sample)
  const told = h(
    'p',
    { class: 'told', 'aria-live': 'polite' },
    'Point at a dot, or go from dot to dot with the arrow keys.',
  )
  const placed = placeAll(coordinates)
  const open = ({ namespace, key }: MapPoint): void =>
    goTo({ view: 'documents', prefix: context.place.prefix, document: { namespace, key } })
  const dots = points.map((point, i) => {
    const [x, y] = placed[i] as Spot
    return svg('circle', {
      cx: x.toFixed(1),
      cy: y.toFixed(1),
      r: 4.5,
      class: `dot k${colourOf(ranks, point.group)}`,
      onpointerenter: () => choose(i),
      onclick: () => open(point),
    })
  })
  let chosen: number | undefined
  function choose(i: number): void {
    if (chosen !== undefined) dots[chosen]?.classList.remove('chosen')
    chosen = i
    dots[i]?.classList.add('chosen')
    const { namespace, key, field, part, text } = points[i] as MapPoint
    show(
      told,
      h(
        'a',
        { href: addressOf({ view: 'documents', prefix: context.place.prefix, document: { namespace, key } }) },
        `${namespaceName(namespace)} / ${key}`,
      ),
      ` ${field}${part === 0 ? '' : ` #${part}`}: ${text}`,
    )
  }
  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' && chosen !== undefined) open(points[chosen] as MapPoint)
    const way = ways[event.key]
    if (way === undefined) return
    event.preventDefault()
    choose(chosen === undefined ? 0 : (nearest(placed, chosen, way) ?? chosen))
  }
  const shown = shares[0] + shares[1]
  return [
    h(
      'p',
      { class: 'note' },
      `${plural(points.length, 'vector')} of ${plural(documents, 'document')}${partial ? ', a sample: the first of each namespace' : ''}. `,
      `Two principal components, which show ${Math.round(100 * shown)} % of the variance of ${number(sample.dimensions)} dimensions.`,
    ),
    h(
      'div',
      {
        class: 'map',
        tabindex: 0,
        role: 'application',
        'aria-label': `Map of ${plural(points.length, 'vector')}: arrow keys go from dot to dot, Enter opens the document`,
        onkeydown: onKey,
      },
      svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' }, dots),
    ),
    told,
    legendOf(sample, ranks),
  ]
}

/** The groups by how many points they have, as far as they have a colour. */
function colourRanks({ points, groups }: VectorSample): readonly number[] {
  const sizes = groups.map((_, i) => points.filter(({ group }) => group === i).length)
  return groups
    .map((_, i) => i)
    .sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b)
    .filter((i) => sizes[i] !== 0)
    .slice(0, COLOURS)
}

function colourOf(ranks: readonly number[], group: number): number | 'rest' {
  const rank = ranks.indexOf(group)
  return rank === -1 ? 'rest' : rank
}

function legendOf({ points, groups }: VectorSample, ranks: readonly number[]): HTMLElement {
  const entry = (colour: number | 'rest', name: string): HTMLElement =>
    h(
      'li',
      {},
      svg(
        'svg',
        { viewBox: '0 0 12 12', class: 'key', 'aria-hidden': 'true' },
        svg('circle', { cx: 6, cy: 6, r: 5, class: `dot k${colour}` }),
      ),
      name,
    )
  const hasRest = points.some(({ group }) => !ranks.includes(group))
  return h(
    'ul',
    { class: 'legend', 'aria-label': 'Colours' },
    ranks.map((group, rank) => entry(rank, namespaceName(groups[group] ?? []))),
    hasRest ? entry('rest', 'all others') : undefined,
  )
}

type Spot = readonly [number, number]

/** One scale for both, so that distances can be compared. */
function placeAll(coordinates: Float32Array): Spot[] {
  const xs = coordinates.filter((_, i) => i % 2 === 0)
  const ys = coordinates.filter((_, i) => i % 2 === 1)
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const scale = Math.min((WIDTH - 2 * EDGE) / (right - left || 1), (HEIGHT - 2 * EDGE) / (high - low || 1))
  return [...xs].map((x, i) => [
    WIDTH / 2 + (x - (left + right) / 2) * scale,
    HEIGHT / 2 - ((ys[i] as number) - (low + high) / 2) * scale,
  ])
}

const ways: Readonly<Record<string, Spot>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The nearest dot in a direction; what lies aside counts as farther away. */
function nearest(spots: readonly Spot[], from: number, [wayX, wayY]: Spot): number | undefined {
  const [x, y] = spots[from] as Spot
  let best: { readonly at: number; readonly cost: number } | undefined
  for (const [at, [otherX, otherY]] of spots.entries()) {
    const ahead = (otherX - x) * wayX + (otherY - y) * wayY
    const aside = Math.abs((otherX - x) * wayY) + Math.abs((otherY - y) * wayX)
    if (ahead <= 0 || aside > 2 * ahead) continue
    const cost = ahead + 2 * aside
    if (best === undefined || cost < best.cost) best = { at, cost }
  }
  return best?.at
}
