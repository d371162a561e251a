export const views = ['documents', 'search', 'map', 'state'] as const
export type View = (typeof views)[number]

/** Where in the page one is. It is in the address, so that the browser's back and reload work. */
export interface Place {
  readonly view: View
  readonly prefix: readonly string[]
  /** A document that is open beside the list. */
  readonly document?: { readonly namespace: readonly string[]; readonly key: string } | undefined
}

export function currentPlace(): Place {
  const [, path = '', query = ''] = /^#\/([^?]*)\??(.*)$/.exec(location.hash) ?? []
  const parameters = new URLSearchParams(query)
  const namespace = labels(parameters.get('in'))
  const key = parameters.get('key')
  return {
    view: views.find((view) => view === path) ?? 'documents',
    prefix: labels(parameters.get('prefix')) ?? [],
    document: namespace === undefined || key === null ? undefined : { namespace, key },
  }
}

/** An address may have been typed by hand. */
function labels(text: string | null): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return Array.isArray(value) && value.every((label) => typeof label === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

export function addressOf({ view, prefix, document }: Place): string {
  const parameters = new URLSearchParams()
  if (prefix.length > 0) parameters.set('prefix', JSON.stringify(prefix))
  if (document !== undefined) {
    parameters.set('in', JSON.stringify(document.namespace))
    parameters.set('key', document.key)
  }
  const query = parameters.toString()
  return `#/${view}${query === '' ? '' : `?${query}`}`
}

export function goTo(place: Place): void {
  location.hash = addressOf(place)
}
