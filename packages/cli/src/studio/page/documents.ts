import type { ListedDocument } from '../api-types.js'
import { ask, messageOf } from './api.js'
import { documentDetail } from './document.js'
import { h, show } from './dom.js'
import { filterField, readFilter } from './filter-field.js'
import { countText, fromNow, namespaceName, time } from './format.js'
import { addressOf, type Place } from './place.js'
import { fault, type MakeView, note, type ViewContext } from './view.js'

/** The documents under a prefix, page by page, and the one that is open. */
export const documentsView: MakeView = (context) => {
  const { place, signal } = context
  const list = h('ul', { class: 'documents' })
  const end = h('div', { class: 'end' })
  const filter = filterField()
  let reading = new AbortController()

  async function read(cursor?: string): Promise<void> {
    reading.abort()
    reading = new AbortController()
    const signals = AbortSignal.any([signal, reading.signal])
    show(end, note('Reading …'))
    try {
      const request = { prefix: place.prefix, filter: readFilter(filter) }
      let page = await ask('documents', { ...request, cursor }, signals)
      // A filter may pass nothing of a long stretch.
      while (page.items.length === 0 && page.cursor !== undefined)
        page = await ask('documents', { ...request, cursor: page.cursor }, signals)
      const next = page.cursor
      const items = page.items.map((each) => listItem(each, place))
      if (cursor === undefined) show(list, items)
      else list.append(...items)
      const more = h('button', { type: 'button', onclick: () => void read(next) }, 'Show more')
      const nothing = list.children.length === 0 ? note('No documents.') : undefined
      show(end, next === undefined ? nothing : more)
      if (cursor !== undefined) items[0]?.querySelector('a')?.focus()
    } catch (error) {
      if (!signals.aborted) show(end, fault(messageOf(error)))
    }
  }

  void read()
  const form = h(
    'form',
    {
      class: 'filters',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        show(list)
        void read()
      },
    },
    filter.element,
    h('button', { type: 'submit' }, 'Filter'),
  )
  return h(
    'div',
    { class: place.document === undefined ? 'browse' : 'browse split' },
    h(
      'section',
      { class: 'list', 'aria-labelledby': 'documents-title' },
      h('h2', { id: 'documents-title' }, namespaceName(place.prefix), ' ', countOf(context)),
      form,
      list,
      end,
    ),
    place.document === undefined ? undefined : documentDetail(context, place.document),
  )
}

function listItem(document: ListedDocument, place: Place): HTMLElement {
  const { namespace, key, preview, updatedAt, expiresAt } = document
  const isOpen = place.document?.key === key && namespaceName(place.document.namespace) === namespaceName(namespace)
  const below = namespace.slice(place.prefix.length)
  return h(
    'li',
    {},
    h(
      'a',
      {
        href: addressOf({ ...place, document: { namespace, key } }),
        'aria-current': isOpen ? 'true' : undefined,
      },
      h(
        'span',
        { class: 'name' },
        below.length === 0 ? undefined : h('span', { class: 'quiet' }, `${below.join(' / ')} / `),
        key,
      ),
      h('span', { class: 'when', title: `${time(updatedAt)} UTC` }, fromNow(updatedAt)),
      h('span', { class: 'preview' }, preview),
      expiresAt === undefined ? undefined : h('span', { class: 'badge' }, `expires ${fromNow(expiresAt)}`),
    ),
  )
}

/** How many there are; beyond some thousands only if that is asked for. */
function countOf({ place: { prefix }, signal }: ViewContext): HTMLElement {
  const count = h('span', { class: 'count' })
  async function fill(all: boolean): Promise<void> {
    try {
      const counted = await ask('count', { prefix, all }, signal)
      const rest = h('button', { type: 'button', class: 'link', onclick: () => void countAll() }, 'count all')
      show(count, countText(counted), counted.more ? [' ', rest] : undefined)
    } catch (error) {
      if (!signal.aborted) show(count, messageOf(error))
    }
  }
  function countAll(): Promise<void> {
    show(count, 'counting …')
    return fill(true)
  }
  void fill(false)
  return count
}
