import type { TestCase, TestModule } from 'vitest/node'

/** What a test did, for people, in the order in which it is to be printed. */
export type Done = Readonly<Record<string, string | number>>

declare module 'vitest' {
  interface TaskMeta {
    done?: Done
  }
}

/** Hands over what a test did, once all its assertions have held: what `asserted` says is not measured again. */
export function tell(task: { readonly meta: { done?: Done } }, done: Done): void {
  task.meta.done = done
}

/** Prints, after a run, what was done in each test. */
export class FaultReport {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => [...module.children.allTests()].map(lineOf))
    process.stdout.write(`\nFaults\n${lines.join('\n')}\n`)
  }
}

function lineOf(test: TestCase): string {
  const { state } = test.result()
  const { done } = test.meta()
  const facts = Object.entries(done ?? {}).map(([name, value]) => `${name}: ${value}`)
  return `  ${state.toUpperCase()} ${test.name}${facts.map((fact) => `\n      ${fact}`).join('')}`
}
