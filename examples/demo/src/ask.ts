import { createInterface } from 'node:readline/promises'
import type { ScoredHit } from '@tandemstore/core'
import { bodyOf, type SectionValue } from './collect.ts'
import type { Library } from './library.ts'
import { snippet, strip, style, wrap } from './terminal.ts'

/** Of a package there may be several versions: so many hits are asked for, for each that is shown. */
const SPARE = 5

/** Searches for a question, by its words and its meaning, and prints the passages that match best. */
export async function answer(library: Library, question: string, limit: number, signal: AbortSignal): Promise<void> {
  const found = await library.search([], { query: question, limit: limit * SPARE, signal })
  const hits = withoutOtherVersions(found).slice(0, limit)
  const lines = hits.map((hit, i) => format(hit, i + 1))
  process.stdout.write(`\n${style('bold', strip(question))}\n${lines.join('\n') || '   Nothing found.'}\n`)
}

/** Leaves out what another version of the package says under the same heading, further down. Folders may differ between versions. */
export function withoutOtherVersions(hits: readonly ScoredHit<SectionValue>[]): ScoredHit<SectionValue>[] {
  const versions = new Map<string, string | undefined>()
  return hits.filter(({ document: { namespace, value } }) => {
    const [name, version] = namespace
    const page = JSON.stringify([name, value.file.slice(value.file.lastIndexOf('/') + 1), value.heading])
    if (!versions.has(page)) versions.set(page, version)
    return versions.get(page) === version
  })
}

function format({ document, score, matched }: ScoredHit<SectionValue>, place: number): string {
  const { source, file, heading, text } = document.value
  const passage = bodyOf({ text: matched.text ?? text })
  const where = heading === '' ? '' : `\n   ${snippet(heading, 90)}`
  return `${style('green', `${place}. ${score.toFixed(2)}`)}  ${style('cyan', snippet(source, 60))} ${snippet(file, 80)}${where}
${wrap(snippet(passage, 240), '   ')}`
}

/** Asks for questions until there is an empty one, or Ctrl-D or Ctrl-C. */
export async function converse(library: Library, limit: number, signal: AbortSignal): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: 'Your question: ' })
  let open = true
  terminal.once('close', () => {
    open = false
  })
  const close = () => terminal.close()
  signal.addEventListener('abort', close)
  try {
    process.stdout.write('\nAsk for more; an empty line ends.\n')
    terminal.prompt()
    for await (const line of terminal) {
      const question = line.trim()
      if (question === '') return
      await answer(library, question, limit, signal)
      if (open) terminal.prompt()
    }
    // Ctrl-D leaves the cursor behind the prompt.
    process.stdout.write('\n')
  } finally {
    signal.removeEventListener('abort', close)
    terminal.close()
  }
}
