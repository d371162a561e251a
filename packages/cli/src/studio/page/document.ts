import type { DocumentPart } from '@tandemstore/core'
import type { DocumentHead, WholeDocument } from '../api-types.js'
import { ask, messageOf } from './api.js'
import { type Child, h, show } from './dom.js'
import { bytes, fromNow, namespaceName, plural, time } from './format.js'
import { goTo, type Place } from './place.js'
import { fault, note, table, type ViewContext } from './view.js'

/** A browser takes seconds to lay out megabytes. */
const SHOWN_CHARACTERS = 50_000

/** One document: its value, what is known of it, and the texts that it is found by. */
export function documentDetail(
  context: ViewContext,
  { namespace, key }: Pick<DocumentHead, 'namespace' | 'key'>,
): HTMLElement {
  const { place, signal, announce } = context
  const body = h('div', {}, note('Reading …'))
  const title = h('h2', { tabindex: -1 }, h('span', { class: 'quiet' }, `${namespaceName(namespace)} / `), key)
  const close = (): void => goTo({ view: place.view, prefix: place.prefix })
  async function read(): Promise<void> {
    try {
      const document = await ask('document', { namespace, key }, signal)
      show(body, contentOf(document, context))
      announce(`Document ${key}`)
    } catch (error) {
      if (!signal.aborted) show(body, fault(messageOf(error)))
    }
  }
  void read()
  return h(
    'section',
    {
      class: 'detail',
      'aria-label': `Document ${key}`,
      onkeydown: (event: KeyboardEvent) => {
        if (event.key === 'Escape') close()
      },
    },
    h('div', { class: 'bar' }, title, h('button', { type: 'button', onclick: close }, 'Close')),
    body,
  )
}

function contentOf(document: WholeDocument, context: ViewContext): Child {
  const { version, createdAt, updatedAt, expiresAt, ttlMs, index } = document
  const rows: [string, Child][] = [
    ['updated', when(updatedAt)],
    ['created', when(createdAt)],
    ['expires', expiresAt === undefined ? 'never' : when(expiresAt)],
    ...(ttlMs === undefined ? [] : [['time to live', fromMilliseconds(ttlMs)] satisfies [string, Child]]),
    ['version', h('code', {}, version)],
    ['size', bytes(document.bytes)],
    ...(index === undefined
      ? []
      : [['indexed', index === false ? 'no: put with index: false' : index.join(', ')] satisfies [string, Child]]),
  ]
  return [
    h(
      'dl',
      {},
      rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
    h('h3', {}, 'Value'),
    valueView(document.value),
    document.parts === undefined ? undefined : [h('h3', {}, 'What it is found by'), partsOf(document.parts)],
    context.info.writable ? deletion(document, context.place) : undefined,
  ]
}

function when(iso: string): Child {
  return [`${time(iso)} `, h('span', { class: 'quiet' }, fromNow(iso))]
}

function fromMilliseconds(ms: number): string {
  return fromNow(new Date(Date.now() + ms).toISOString()).replace(/^in /, '')
}

function valueView(value: unknown): HTMLElement {
  const text = JSON.stringify(value, undefined, 2)
  const pre = h('pre', { tabindex: 0, role: 'region', 'aria-label': 'Value' }, text.slice(0, SHOWN_CHARACTERS))
  if (text.length <= SHOWN_CHARACTERS) return pre
  const all = h(
    'button',
    {
      type: 'button',
      onclick: () => {
        show(pre, text)
        all.remove()
      },
    },
    `Show all ${plural(text.length, 'character')}`,
  )
  return h('div', {}, pre, all)
}

function partsOf(parts: readonly DocumentPart[]): HTMLElement {
  if (parts.length === 0) return note('It has no text that it is found by.')
  return table(
    'Texts that were embedded',
    ['Field', 'Part', 'Vector', 'Text'],
    parts.map(({ field, part, state, text }) =>
      h(
        'tr',
        {},
        h('td', {}, h('code', {}, field)),
        h('td', { class: 'number' }, part),
        h('td', {}, h('span', { class: `state ${state}` }, state)),
        h('td', { class: 'passage' }, text),
      ),
    ),
  )
}

function deletion({ namespace, key, version }: WholeDocument, place: Place): HTMLElement {
  const said = h('div', {})
  const sure = h(
    'button',
    { type: 'button', class: 'danger', onclick: () => void remove(), hidden: true },
    'Yes, delete it',
  )
  const ask_ = h(
    'button',
    {
      type: 'button',
      onclick: () => {
        sure.hidden = !sure.hidden
        if (!sure.hidden) sure.focus()
      },
    },
    'Delete …',
  )
  async function remove(): Promise<void> {
    try {
      await ask('delete', { namespace, key, version })
      goTo({ view: place.view, prefix: place.prefix })
    } catch (error) {
      show(said, fault(messageOf(error)))
    }
  }
  return h('div', { class: 'actions' }, ask_, ' ', sure, said)
}
