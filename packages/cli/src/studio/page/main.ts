import type { Info } from '../api-types.js'
import { ask, messageOf } from './api.js'
import { documentsView } from './documents.js'
import { h, show } from './dom.js'
import { mapView } from './map.js'
import { addressOf, currentPlace, type View, views } from './place.js'
import { searchView } from './search.js'
import { stateView } from './state.js'
import { namespaceTree } from './tree.js'
import { fault, type MakeView } from './view.js'

const makers: Readonly<Record<View, MakeView>> = {
  documents: documentsView,
  search: searchView,
  map: mapView,
  state: stateView,
}
const names: Readonly<Record<View, string>> = { documents: 'Documents', search: 'Search', map: 'Map', state: 'State' }

function start(info: Info): void {
  const main = h('main', { id: 'main', tabindex: -1 })
  const links = new Map(views.map((view) => [view, h('a', {}, names[view])]))
  const tree = namespaceTree()
  const live = h('div', { class: 'unseen', role: 'status' })
  let shown = new AbortController()

  function update(): void {
    // What the view before was waiting for is not awaited any more.
    shown.abort()
    shown = new AbortController()
    const place = currentPlace()
    for (const [view, link] of links) {
      link.href = addressOf({ view, prefix: place.prefix })
      if (view === place.view) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    tree.update()
    document.title = `${names[place.view]} – ${info.collection} – tandem studio`
    const announce = (text: string): void => show(live, text)
    show(main, makers[place.view]({ info, place, signal: shown.signal, announce }))
    main.querySelector<HTMLElement>('.detail h2')?.focus({ preventScroll: false })
  }

  show(
    document.body,
    h(
      'a',
      {
        class: 'skip',
        href: '#main',
        onclick: (event: MouseEvent) => {
          // The address says where one is.
          event.preventDefault()
          main.focus()
        },
      },
      'Skip to the content',
    ),
    h(
      'header',
      {},
      h(
        'h1',
        {},
        h('span', { class: 'quiet' }, 'tandem studio '),
        info.name === info.collection ? info.name : `${info.name} · ${info.collection}`,
      ),
      h('span', { class: 'badge' }, info.writable ? 'can write' : 'read-only'),
      h('nav', { 'aria-label': 'Views' }, [...links.values()]),
    ),
    h('div', { class: 'page' }, namespacesAside(tree.element), main),
    live,
  )
  addEventListener('hashchange', update)
  update()
}

/** On a phone it is folded away. */
function namespacesAside(tree: HTMLElement): HTMLElement {
  const fold = h('details', { open: matchMedia('(min-width:800px)').matches }, h('summary', {}, 'Namespaces'), tree)
  return h('aside', { 'aria-label': 'Namespaces' }, fold)
}

try {
  start(await ask('info', {}))
} catch (error) {
  show(document.body, h('main', {}, h('h1', {}, 'tandem studio'), fault(messageOf(error))))
}
