import type { TestProject } from 'vitest/node'
import { findChromium } from './find.ts'

/** One look for a Chromium, for all test files of a run. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('chromium', await findChromium((line) => process.stderr.write(`chromium: ${line}\n`)))
}
