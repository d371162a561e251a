import type { Markup } from './html.js'

/** What is particular to the page of one command. */
export interface Content {
  readonly title: string
  /** Of what, on what: facts of the run in a few words each. */
  readonly facts: readonly string[]
  readonly sections: readonly Section[]
  /** One record for each row of the CSV to download. */
  readonly records: readonly object[]
}

export interface Section {
  readonly title: string
  readonly body: Markup
}
