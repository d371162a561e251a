import { ask, messageOf } from './api.js'
import { countQueue } from './count-queue.js'
import { h } from './dom.js'
import { currentPlace, goTo, type View } from './place.js'

/**
 * The namespaces as a tree that is read as it is opened, with the arrow keys of every tree: down and up, right and left
 * to open and close, Enter to choose.
 */
export function namespaceTree(): { readonly element: HTMLElement; update(): void } {
  const everything = treeItem([], 'everything')
  const tree = h('ul', { role: 'tree', 'aria-label': 'Namespaces', class: 'tree', onkeydown: onKey }, everything)
  everything.tabIndex = 0
  void toggle(everything, true)

  function update(): void {
    const { prefix } = currentPlace()
    const chosen = JSON.stringify(prefix)
    for (const item of tree.querySelectorAll<HTMLElement>('[role=treeitem]'))
      item.setAttribute('aria-selected', String(item.dataset.namespace === chosen))
  }
  tree.addEventListener('read', update)
  update()
  return { element: tree, update }
}

function treeItem(namespace: readonly string[], label: string): HTMLElement {
  const count = h('span', { class: 'count' })
  const choose = (): void => goTo({ view: viewForPrefix(), prefix: namespace })
  const item = h(
    'li',
    {
      role: 'treeitem',
      'aria-expanded': 'false',
      'aria-selected': 'false',
      'data-namespace': JSON.stringify(namespace),
      tabindex: -1,
      onclick: (event: MouseEvent) => {
        event.stopPropagation()
        if ((event.target as Element).closest('.twist') !== null) void toggle(item)
        else choose()
      },
    },
    h(
      'span',
      { class: 'row' },
      h('span', { class: 'twist', 'aria-hidden': 'true' }),
      h('span', { class: 'label' }, label),
      count,
    ),
  )
  countQueue.add(item, namespace, count)
  return item
}

/** Whoever chooses a namespace stays in the view, if it is one of a namespace. */
function viewForPrefix(): View {
  const { view } = currentPlace()
  return view === 'state' ? 'documents' : view
}

async function toggle(item: HTMLElement, open = item.getAttribute('aria-expanded') !== 'true'): Promise<void> {
  if (!item.hasAttribute('aria-expanded')) return
  item.setAttribute('aria-expanded', String(open))
  if (!open) {
    item.querySelector(':scope > ul')?.remove()
    countQueue.dropGone()
  } else if (item.querySelector(':scope > ul') === null) {
    const group = h('ul', { role: 'group' })
    item.append(group)
    await readMore(item, group)
  }
}

async function readMore(item: HTMLElement, group: HTMLElement, cursor?: string): Promise<void> {
  const namespace = namespaceOf(item)
  try {
    const page = await ask('namespaces', { prefix: namespace, cursor })
    if (!group.isConnected) return
    group.append(...page.items.map((each) => treeItem(each, each.at(-1) ?? '')))
    if (page.cursor !== undefined) group.append(moreItem(item, group, page.cursor))
    else if (group.children.length === 0 && namespace.length > 0) {
      // Nothing is in it, so it does not open.
      group.remove()
      item.removeAttribute('aria-expanded')
    }
    item.dispatchEvent(new Event('read', { bubbles: true }))
  } catch (error) {
    group.append(h('li', { role: 'none', class: 'fault' }, messageOf(error)))
  }
}

function moreItem(item: HTMLElement, group: HTMLElement, cursor: string): HTMLElement {
  const more: HTMLElement = h(
    'li',
    {
      role: 'treeitem',
      class: 'more',
      tabindex: -1,
      onclick: (event: MouseEvent) => {
        event.stopPropagation()
        const hadFocus = document.activeElement === more
        const before = more.previousElementSibling
        more.remove()
        void readMore(item, group, cursor).then(() => {
          if (hadFocus) focusItem((before?.nextElementSibling ?? before) as HTMLElement | null)
        })
      },
    },
    h('span', { class: 'row' }, h('span', { class: 'twist' }), 'More …'),
  )
  return more
}

function namespaceOf(item: HTMLElement): readonly string[] {
  return JSON.parse(item.dataset.namespace ?? '[]') as string[]
}

function onKey(event: KeyboardEvent): void {
  const item = (event.target as Element).closest<HTMLElement>('[role=treeitem]')
  if (item === null || event.altKey || event.ctrlKey || event.metaKey) return
  const all = [...(item.closest('[role=tree]')?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? [])]
  const at = all.indexOf(item)
  const isOpen = item.getAttribute('aria-expanded') === 'true'
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => focusItem(all[at + 1]),
    ArrowUp: () => focusItem(all[at - 1]),
    Home: () => focusItem(all[0]),
    End: () => focusItem(all.at(-1)),
    ArrowRight: () =>
      isOpen ? focusItem(item.querySelector<HTMLElement>('[role=treeitem]')) : void toggle(item, true),
    ArrowLeft: () =>
      isOpen ? void toggle(item, false) : focusItem(item.parentElement?.closest<HTMLElement>('[role=treeitem]')),
    Enter: () => item.click(),
    ' ': () => item.click(),
  }
  const act = keys[event.key]
  if (act === undefined) return
  event.preventDefault()
  act()
}

/** One item can be reached with the tab key: the last that was. */
function focusItem(item: HTMLElement | null | undefined): void {
  if (item == null) return
  for (const other of item.closest('[role=tree]')?.querySelectorAll<HTMLElement>('[tabindex="0"]') ?? [])
    other.tabIndex = -1
  item.tabIndex = 0
  item.focus()
}
