/** What the contending program and those who start it say to one another. */
export interface Command {
  readonly do: 'write' | 'flush' | 'list' | 'close'
}

export type Answer =
  | { readonly done: 'open' | 'flush' | 'close' }
  | { readonly done: 'write'; readonly writes: number }
  | { readonly done: 'list'; readonly documents: string }
  | { readonly done: 'failed'; readonly message: string }

export const collection = 'contend'
export const fields = ['title', 'body']
