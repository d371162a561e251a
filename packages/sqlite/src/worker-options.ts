/** What the worker is started with. */
export interface WorkerOptions {
  readonly path: string
  readonly synchronous: 'normal' | 'full'
  readonly busyTimeoutMs: number
  /** The most memory that copies of vectors take together. */
  readonly maxBytes: number
  /** Default: exact. */
  readonly search?: 'exact' | 'approximate' | undefined
}
