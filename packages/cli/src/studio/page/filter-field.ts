import { h } from './dom.js'

export interface FilterField {
  readonly element: HTMLElement
  readonly input: HTMLInputElement
}

/** A field for a filter as JSON. What it means is the store's matter. */
export function filterField(): FilterField {
  const input = h('input', {
    type: 'text',
    spellcheck: 'false',
    autocomplete: 'off',
    placeholder: '{"lang":"en","year":{"$gte":2024}}',
  })
  return { element: h('label', { class: 'grow' }, h('span', {}, 'Filter'), input), input }
}

/** What stands in it; absent where it is empty. Throws what can be shown. */
export function readFilter({ input }: FilterField): unknown {
  const text = input.value.trim()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('The filter is not JSON')
  }
}
