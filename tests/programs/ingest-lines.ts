/** What the ingest program and those who watch it agree on. */
export type IngestLine =
  /** A write of a document begins: a put of this title or, without one, a deletion. */
  | { readonly name: string; readonly begun: number; readonly title?: string | undefined }
  | { readonly name: string; readonly acknowledged: number; readonly version: string }

export const collection = 'ingest'
export const fields = ['title', 'body']
export const namespaces = [['users', '1'], ['users', '10'], ['docs']]
