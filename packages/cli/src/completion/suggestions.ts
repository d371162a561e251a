import type { Command, Option } from 'commander'

export interface Suggestion {
  readonly word: string
  readonly about: string
}

/**
 * What can stand in the place of the last word; what comes before it is typed already. Nothing where only the user can
 * know, such as a key; the shell then offers files.
 */
export function suggestionsFor(program: Command, words: readonly string[]): Suggestion[] {
  const typed = words.slice(0, -1)
  const last = words.at(-1) ?? ''
  const command = program.commands.find((each) => each.name() === typed[0])
  const all = command === undefined ? atTop(program, typed) : inCommand(command, typed.slice(1), last)
  return all.filter(({ word }) => word.startsWith(last))
}

function atTop(program: Command, typed: readonly string[]): Suggestion[] {
  if (typed.length > 0) return []
  return [...program.commands.map((each) => ({ word: each.name(), about: each.description() })), help]
}

const help = { word: '--help', about: 'what there is' }

function inCommand(command: Command, typed: readonly string[], last: string): Suggestion[] {
  const before = command.options.find(({ long, short }) => typed.at(-1) === long || typed.at(-1) === short)
  if (before?.required) return (before.argChoices ?? []).map((word) => ({ word, about: '' }))
  if (last.startsWith('-')) return [...command.options.filter((each) => !isTyped(each, typed)).map(flag), help]
  const position = argumentsIn(command, typed)
  const choices = command.registeredArguments[position]?.argChoices ?? []
  return choices.map((word) => ({ word, about: '' }))
}

function flag({ long, short, description }: Option): Suggestion {
  return { word: long ?? short ?? '', about: description }
}

/** `--field` may come again. */
function isTyped({ long, short }: Option, typed: readonly string[]): boolean {
  return long !== '--field' && typed.some((word) => word === long || word === short)
}

/** How many arguments, that are neither flags nor their values, are typed. */
function argumentsIn(command: Command, typed: readonly string[]): number {
  let count = 0
  for (let i = 0; i < typed.length; i += 1) {
    const option = command.options.find(({ long, short }) => typed[i] === long || typed[i] === short)
    if (option?.required) i += 1
    else if (!typed[i]?.startsWith('-')) count += 1
  }
  return count
}
