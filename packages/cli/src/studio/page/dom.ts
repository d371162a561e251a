/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

export type Child = Node | string | number | undefined | false | readonly Child[]
type Value = string | number | boolean | undefined | ((event: never) => void)
export type Attributes = Readonly<Record<string, Value>>

/**
 * Makes an element. Texts become text, never markup. An attribute that is a function listens (`onclick`), `true` is an
 * attribute without a value, `false` and `undefined` are none.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return fill(document.createElement(tag), attributes, children)
}

/** The same for what is drawn. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

function fill<Made extends Element>(element: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as (event: Event) => void)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...nodes(children))
  return element
}

/** Puts other children in the place of those there are. */
export function show(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...nodes(children))
}

function nodes(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === undefined || child === false) return []
    if (child instanceof Node) return [child]
    return typeof child === 'object' ? nodes(child) : [String(child)]
  })
}
