import type { Figures, Info, Pending } from '../api-types.js'
import { ask, messageOf } from './api.js'
import { type Line, lineChart } from './chart.js'
import { type Child, h, show } from './dom.js'
import { milliseconds, namespaceName, number, plural, time } from './format.js'
import { addressOf } from './place.js'
import { fault, type MakeView, note, table, type ViewContext } from './view.js'

const EVERY_MS = 5000

const lines: readonly Line[] = [
  { title: 'Writes waiting for the index', nothing: '', value: ({ waiting }) => waiting, format: number, least: 10 },
  { title: 'Failed for good', nothing: '', value: ({ failed }) => failed, format: number, least: 10 },
  {
    title: 'Vectors in the space',
    nothing: 'There is no space.',
    value: ({ points }) => points,
    format: number,
    least: 10,
  },
  {
    title: 'Cache hit rate',
    nothing: 'There is no cache, or nothing was embedded yet.',
    value: ({ cacheHitRate }) => cacheHitRate,
    format: (value) => `${Math.round(100 * value)} %`,
    least: 1,
  },
  {
    title: 'Documents answer in',
    nothing: 'They do not answer.',
    value: ({ kvMs }) => kvMs,
    format: milliseconds,
    least: 1,
  },
  {
    title: 'Vectors answer in',
    nothing: 'None are open.',
    value: ({ vectorsMs }) => vectorsMs,
    format: milliseconds,
    least: 1,
  },
]

/** How the store does: spaces, figures over time, what waits and what failed. */
export const stateView: MakeView = (context) => {
  const { info, signal } = context
  const charts = h('div', {}, note('Reading …'))
  async function refresh(): Promise<void> {
    try {
      if (!document.hidden) show(charts, figuresOf(await ask('figures', {}, signal)))
    } catch (error) {
      if (!signal.aborted) show(charts, fault(messageOf(error)))
    }
    if (!signal.aborted) next = setTimeout(() => void refresh(), EVERY_MS)
  }
  let next: ReturnType<typeof setTimeout> | undefined
  signal.addEventListener('abort', () => clearTimeout(next))
  void refresh()
  return h(
    'div',
    {},
    h('h2', {}, 'State of ', info.collection),
    h(
      'section',
      { 'aria-labelledby': 'pending-title' },
      h('h3', { id: 'pending-title' }, 'Waiting and failed'),
      pendingSection(context),
    ),
    h(
      'section',
      { 'aria-labelledby': 'spaces-title' },
      h('h3', { id: 'spaces-title' }, 'Vector spaces'),
      spacesTable(info),
    ),
    h('section', { 'aria-labelledby': 'figures-title' }, h('h3', { id: 'figures-title' }, 'Over time'), charts),
  )
}

function pendingSection(context: ViewContext): HTMLElement {
  const { info, signal, announce } = context
  const body = h('div', {}, note('Reading …'))
  const result = h('div', {})
  async function read(): Promise<void> {
    try {
      show(body, pendingOf(await ask('pending', {}, signal)))
    } catch (error) {
      if (!signal.aborted) show(body, fault(messageOf(error)))
    }
  }
  async function retry(): Promise<void> {
    button.disabled = true
    show(result, note('Trying again …'))
    try {
      const { projected, failed, waiting } = await ask('retry', {}, signal)
      const said = `${plural(projected, 'document')} done, ${number(failed)} failed, ${number(waiting)} left to others.`
      show(result, note(said))
      announce(said)
    } catch (error) {
      if (!signal.aborted) show(result, fault(messageOf(error)))
    }
    button.disabled = false
    await read()
  }
  const button = h('button', { type: 'button', onclick: () => void retry() }, 'Try again what failed')
  void read()
  return h(
    'div',
    {},
    body,
    h(
      'div',
      { class: 'actions' },
      info.writable ? button : note('To try them again, start tandem studio with --write.'),
      result,
    ),
  )
}

function pendingOf({ waiting, failedCount, failed }: Pending): Child {
  const said = h('p', {}, `${plural(waiting, 'write')} waiting for the index, ${number(failedCount)} failed for good.`)
  if (failed.length === 0) return said
  return [
    said,
    table(
      'Documents that cannot be found, and why',
      ['Document', 'Code', 'Reason'],
      failed.map(({ namespace, key, code, message }) =>
        h(
          'tr',
          {},
          h('td', {}, linkTo(namespace, key)),
          h('td', {}, h('code', {}, code)),
          h('td', { class: 'passage' }, message),
        ),
      ),
    ),
    failedCount > failed.length ? note(`The first ${number(failed.length)} of ${number(failedCount)}.`) : undefined,
  ]
}

/** Without a key it is about a namespace that was deleted. */
function linkTo(namespace: readonly string[], key: string): Child {
  if (key === '') return `${namespaceName(namespace)} / …`
  const document = { namespace, key }
  return h(
    'a',
    { href: addressOf({ view: 'documents', prefix: namespace, document }) },
    `${namespaceName(namespace)} / ${key}`,
  )
}

function spacesTable({ spaces }: Info): HTMLElement {
  if (spaces.length === 0) return note('The collection has no vectors.')
  return table(
    'Vector spaces, one for each model',
    ['Model', 'Vectors', 'Dimensions', 'Metric', 'Complete', 'Indexes', 'Created'],
    spaces.map(({ name, model, current, points, dimensions, metric, complete, fields, createdAt }) =>
      h(
        'tr',
        {},
        h(
          'td',
          {},
          model,
          current ? h('span', { class: 'badge' }, 'searched') : undefined,
          h('br'),
          h('code', { class: 'quiet' }, name),
        ),
        h('td', { class: 'number' }, points === undefined ? '?' : number(points)),
        h('td', { class: 'number' }, dimensions ?? ''),
        h('td', {}, metric),
        h('td', {}, complete ? 'yes' : 'no'),
        h('td', {}, fields.join(', ')),
        h('td', {}, time(createdAt)),
      ),
    ),
  )
}

function figuresOf({ samples, cached, cacheEntries, latencies, faults }: Figures): Child {
  return [
    faults.map(({ of, message }) => fault(`The ${of} do not answer: ${message}`)),
    h(
      'div',
      { class: 'charts' },
      lines.map((line) => lineChart(samples, line)),
    ),
    note(
      cached
        ? `The cache is that of the configuration${cacheEntries === undefined ? '' : `, with ${plural(cacheEntries, 'vector')}`}; its rate counts what this page asked for.`
        : 'No embedding cache is configured, so every query is embedded. Figures are taken while this view is open.',
    ),
    latencies.length === 0
      ? undefined
      : table(
          'Latencies of what this page asked for, milliseconds',
          ['Operation', 'Calls', 'p50', 'p95', 'Max'],
          latencies.map(({ operation, count, p50, p95, max }) =>
            h(
              'tr',
              {},
              h('td', {}, operation),
              h('td', { class: 'number' }, number(count)),
              [p50, p95, max].map((ms) => h('td', { class: 'number' }, ms.toFixed(1))),
            ),
          ),
        ),
  ]
}
