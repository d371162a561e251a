import type { SearchMode } from '@tandemstore/core'
import type { Hit, Info, SearchAnswer, SpaceEntry } from '../api-types.js'
import { ask, messageOf } from './api.js'
import { type Child, h, show } from './dom.js'
import { filterField, readFilter } from './filter-field.js'
import { fromNow, milliseconds, namespaceName, plural, time } from './format.js'
import { addressOf } from './place.js'
import { fault, type MakeView, note, type ViewContext } from './view.js'

const modes: Readonly<Record<SearchMode, string>> = {
  hybrid: 'Words and meaning',
  vector: 'Meaning',
  keyword: 'Words',
}

/** What was asked last, so that it is there again after a look at a document. */
let kept: Readonly<Record<string, string>> = {}

/** A search box, its hits with the scores of each leg, and a second column for another space. */
export const searchView: MakeView = (context) => {
  const { info, place, signal } = context
  const columns = h('div', { class: 'columns' })
  const form = searchForm(info, place.prefix)
  const missing = info.noSearch === undefined ? undefined : fault(info.noSearch)
  if (info.modes.length === 0) return h('div', {}, form.title, missing, spacesNote(info))
  let searching = new AbortController()

  async function search(): Promise<void> {
    searching.abort()
    searching = new AbortController()
    const signals = AbortSignal.any([signal, searching.signal])
    try {
      const request = form.read()
      const second = form.second()
      show(columns, column(context, undefined, request, signals), second && column(context, second, request, signals))
      columns.classList.toggle('two', second !== undefined)
    } catch (error) {
      show(columns, fault(messageOf(error)))
    }
  }

  form.element.addEventListener('submit', (event) => {
    event.preventDefault()
    void search()
  })
  if (form.hasQuery()) void search()
  return h('div', {}, form.title, missing, form.element, columns)
}

function searchForm(info: Info, prefix: readonly string[]) {
  const remember = (): void => {
    kept = Object.fromEntries([...new FormData(element)].map(([name, value]) => [name, String(value)]))
  }
  const query = h('input', { type: 'search', name: 'query', value: kept.query, required: true, autocomplete: 'off' })
  const filter = filterField()
  filter.input.name = 'filter'
  filter.input.value = kept.filter ?? ''
  const limit = h('input', { type: 'number', name: 'limit', min: 1, max: 100, value: kept.limit ?? 10 })
  const least = h('input', { type: 'number', name: 'least', step: 'any', value: kept.least })
  const others = info.spaces.filter(({ current }) => !current)
  const second = h(
    'select',
    { name: 'second' },
    h('option', { value: '' }, 'nothing'),
    others.map((space) => h('option', { value: space.name, selected: kept.second === space.name }, spaceTitle(space))),
  )
  const element: HTMLFormElement = h(
    'form',
    { class: 'search', onchange: remember, onsubmit: remember },
    h(
      'div',
      { class: 'line' },
      h('label', { class: 'grow' }, h('span', {}, 'Query'), query),
      h('button', { type: 'submit', class: 'primary' }, 'Search'),
    ),
    modeChoice(info.modes),
    h(
      'div',
      { class: 'line' },
      filter.element,
      h('label', {}, h('span', {}, 'Hits'), limit),
      h('label', {}, h('span', {}, 'Least score'), least),
      others.length === 0 ? undefined : h('label', {}, h('span', {}, 'Compare with'), second),
    ),
  )
  return {
    title: h('h2', {}, 'Search in ', namespaceName(prefix)),
    element,
    hasQuery: (): boolean => query.value !== '',
    second: (): SpaceEntry | undefined => others.find(({ name }) => name === second.value),
    read: () => ({
      prefix,
      query: query.value,
      mode: String(new FormData(element).get('mode')),
      filter: readFilter(filter),
      limit: limit.value === '' ? undefined : limit.valueAsNumber,
      minScore: least.value === '' ? undefined : least.valueAsNumber,
    }),
  }
}

/** All three, so that one sees what there could be. */
function modeChoice(available: readonly SearchMode[]): HTMLElement {
  const chosen = available.find((mode) => mode === kept.mode) ?? available[0]
  return h(
    'fieldset',
    {},
    h('legend', { class: 'unseen' }, 'How to search'),
    Object.entries(modes).map(([mode, name]) => {
      const isThere = available.some((each) => each === mode)
      return h(
        'label',
        { class: 'choice', title: isThere ? undefined : 'The store does not have it' },
        h('input', { type: 'radio', name: 'mode', value: mode, checked: mode === chosen, disabled: !isThere }),
        name,
      )
    }),
  )
}

function column(
  context: ViewContext,
  space: SpaceEntry | undefined,
  request: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): HTMLElement {
  const { info, announce } = context
  const about = space ?? info.spaces.find(({ current }) => current)
  const body = h('div', {}, note('Searching …'))
  async function fill(): Promise<void> {
    try {
      const answer = await ask('search', { ...request, space: space?.name }, signal)
      show(body, hitsOf(answer, context))
      announce(plural(answer.hits.length, 'hit'))
    } catch (error) {
      if (!signal.aborted) show(body, fault(messageOf(error)))
    }
  }
  void fill()
  return h(
    'section',
    { class: 'column', 'aria-label': about === undefined ? 'Hits' : `Hits of ${spaceTitle(about)}` },
    info.spaces.length > 1 && about !== undefined
      ? h('h3', {}, spaceTitle(about), about.complete ? undefined : h('span', { class: 'badge' }, 'not complete'))
      : undefined,
    body,
  )
}

function hitsOf({ hits, mode, degraded, latencyMs }: SearchAnswer, context: ViewContext): Child {
  const best = legs.map((leg) => Math.max(0, ...hits.map(({ scores }) => scores[leg] ?? 0)))
  return [
    h(
      'p',
      { class: 'note' },
      `${plural(hits.length, 'hit')} in ${milliseconds(latencyMs)}, by ${(modes[mode] ?? mode).toLowerCase()}`,
    ),
    degraded ? fault('The query could not be embedded, so these are found by words alone.') : undefined,
    h(
      'ol',
      { class: 'hits' },
      hits.map((hit) => hitItem(hit, best, context)),
    ),
  ]
}

const legs = ['vector', 'keyword', 'rerank'] as const

function hitItem(hit: Hit, best: readonly number[], { place }: ViewContext): HTMLElement {
  const { namespace, key, score, scores, field, part, text, stale, updatedAt } = hit
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'bar' },
      h(
        'a',
        { href: addressOf({ view: 'documents', prefix: place.prefix, document: { namespace, key } }) },
        h('span', { class: 'quiet' }, `${namespaceName(namespace)} / `),
        key,
      ),
      h('strong', { class: 'score' }, score.toFixed(3)),
    ),
    h('p', { class: 'passage' }, text ?? h('span', { class: 'quiet' }, 'The text that matched has changed since.')),
    h(
      'p',
      { class: 'note' },
      h('code', {}, part === 0 ? field : `${field} #${part}`),
      h('span', { title: `${time(updatedAt)} UTC` }, ` updated ${fromNow(updatedAt)}`),
      stale ? h('span', { class: 'badge' }, 'changed since it was indexed') : undefined,
    ),
    h(
      'div',
      { class: 'legs' },
      legs.map((leg, i) => legOf(leg, scores[leg], best[i] ?? 0)),
    ),
  )
}

function legOf(leg: string, score: number | undefined, best: number): HTMLElement | undefined {
  if (score === undefined) return undefined
  const share = best > 0 ? Math.max(0, score / best) : 0
  return h(
    'span',
    { class: `leg ${leg}` },
    h('span', {}, leg),
    h('meter', { min: 0, max: 1, value: share, 'aria-label': `${leg}: ${score.toFixed(3)}` }),
    h('span', { class: 'number' }, score.toFixed(3)),
  )
}

function spacesNote({ spaces }: Info): HTMLElement {
  return note(
    spaces.length === 0 ? 'There is no space to search.' : `Spaces: ${spaces.map(({ model }) => model).join(', ')}.`,
  )
}

/** One model may have several spaces, of other lengths. */
function spaceTitle({ model, dimensions }: SpaceEntry): string {
  return dimensions === undefined ? model : `${model}, ${dimensions} dimensions`
}
