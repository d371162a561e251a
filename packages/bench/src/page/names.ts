const LONGEST = 24

/**
 * Short, distinct labels for plots: the last part of a name where that tells them apart, cut in the middle where it
 * is long.
 */
export function shortNames(names: readonly string[]): string[] {
  const last = names.map((name) => name.split(/[/:]/).findLast((part) => part !== '') ?? name)
  const short = names.map((name, i) => {
    const part = last[i] as string
    return cut(last.indexOf(part) === last.lastIndexOf(part) ? part : name)
  })
  return short.map((name, i) => (short.indexOf(name) === short.lastIndexOf(name) ? name : `${i + 1} ${name}`))
}

function cut(name: string): string {
  const characters = [...name]
  if (characters.length <= LONGEST) return name
  const half = (LONGEST - 1) / 2
  return `${characters.slice(0, Math.ceil(half)).join('')}…${characters.slice(-Math.floor(half)).join('')}`
}
