import type { ComparedEmbedder } from '../result.js'
import { html, type Markup } from './html.js'
import { shortNames } from './names.js'
import { key } from './series.js'
import type { Column } from './table.js'

/** An embedder with what stands for it in plots: its short name, and its number, which gives colour and shape. */
export interface Model {
  readonly embedder: ComparedEmbedder
  readonly label: string
  readonly series: number
}

export function models(embedders: readonly ComparedEmbedder[]): Model[] {
  const labels = shortNames(embedders.map(({ name }) => name))
  return embedders.map((embedder, series) => ({ embedder, series, label: labels[series] ?? embedder.name }))
}

export const modelColumn: Column<Model> = {
  label: 'Model',
  value: ({ embedder }) => embedder.name,
  show: ({ embedder, series }) => keyed(series, embedder.name),
}

/** A name with its mark; the provider before the first colon stands back. It may be broken after each part of it. */
export function keyed(series: number, name: string): Markup {
  const provider = /^[^:/]+:(?=.)/.exec(name)?.[0]
  const parts = name.slice(provider?.length ?? 0).split(/(?<=[/:])/)
  return html`<bdi class="model">${key(series)}<span>${provider === undefined ? undefined : html`<span class="provider">${provider}</span><wbr>`}${parts.map((part) => html`${part}<wbr>`)}</span></bdi>`
}
