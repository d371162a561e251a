export type CheckState = 'PASS' | 'FAIL' | 'SKIP'

export interface CheckResult {
  readonly name: string
  readonly state: CheckState
  /** What was measured, why it failed, or why it was skipped. */
  readonly detail: string
}

export interface Report {
  /** The database, its release and its set-up. */
  readonly title: string
  readonly results: readonly CheckResult[]
}

/** Thrown by a check that does not apply. */
export class Skipped extends Error {}

/** One table for each database. */
export function markdownOf(reports: readonly Report[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  return reports
    .map(({ title, results }) => {
      const lines = results.map(({ name, state, detail }) => `| ${state} | ${cell(name)} | ${cell(detail)} |`)
      return `\n### ${title}\n\n| | check | |\n|---|---|---|\n${lines.join('\n')}\n`
    })
    .join('')
}
