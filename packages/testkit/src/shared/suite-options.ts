export interface SuiteOptions {
  /** Milliseconds that one test may take. Default 30,000. */
  readonly testTimeout?: number
  /** Milliseconds that making and cleaning up may take. Default 120,000. */
  readonly hookTimeout?: number
}

export function times({ testTimeout = 30_000, hookTimeout = 120_000 }: SuiteOptions): Required<SuiteOptions> {
  return { testTimeout, hookTimeout }
}
