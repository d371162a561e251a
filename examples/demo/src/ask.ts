import { createInterface } from 'node:readline/promises'
import type { ScoredHit } from '@tandemstore/core'
import { bodyOf, type SectionValue } from './collect.ts'
import type { Library } from './library.ts'
import { snippet, strip, style, wrap } from './terminal.ts'

/** Pages that are there several times, as in two versions of a package, leave this many for each that is shown. */
const SPARE = 5

/** Searches for a question and prints what is nearest to it, each page of a package once. */
export async function answer(library: Library, question: string, limit: number, signal: AbortSignal): Promise<void> {
  const found = await library.search([], { query: question, limit: limit * SPARE, signal })
  const pages = new Map<string, ScoredHit<SectionValue>>()
  for (const hit of found) {
    const page = pageOf(hit)
    if (!pages.has(page)) pages.set(page, hit)
  }
  const hits = [...pages.values()].slice(0, limit)
  const lines = hits.map((hit, i) => format(hit, i + 1))
  process.stdout.write(`\n${style('bold', strip(question))}\n${lines.join('\n') || '   Nothing found.'}\n`)
}

/** The last part of its path, as the folders of two versions may differ, and without the version. */
function pageOf({ document }: ScoredHit<SectionValue>): string {
  const { file, heading } = document.value
  return JSON.stringify([document.namespace[0], file.slice(file.lastIndexOf('/') + 1), heading])
}

function format({ document, score }: ScoredHit<SectionValue>, place: number): string {
  const { source, file, heading } = document.value
  const where = heading === '' ? '' : `\n   ${snippet(heading, 90)}`
  return `${style('green', `${place}. ${score.toFixed(2)}`)}  ${style('cyan', snippet(source, 60))} ${snippet(file, 80)}${where}
${wrap(snippet(bodyOf(document.value), 240), '   ')}`
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
