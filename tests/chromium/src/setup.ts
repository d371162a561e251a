import type { TestProject } from 'vitest/node'
import { type Chromium, findChromium } from './find.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent: none could be found or fetched. */
    chromium: Chromium | undefined
  }
}

/** One look for a Chromium, for all test files of a run. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('chromium', await findChromium((line) => process.stderr.write(`chromium: ${line}\n`)))
}
