import { invalid, type Namespace } from '@tandemstore/core/adapter'

/** Names that need no quotes, and so cannot end them. 40 leaves room for what is built of it. */
const PLAIN_NAME = /^[a-z_][a-z0-9_]{0,39}$/

export function checkSchemaName(name: unknown): string {
  if (typeof name === 'string' && PLAIN_NAME.test(name) && !name.startsWith('pg_')) return name
  throw invalid('schema', 'a name of 1 to 40 letters a-z, digits and _, which begins with no digit and not with pg_')
}

/** Ends each label of a namespace. */
const END = '\u0001'
/** Comes after END, and before every other character of an encoded label. */
const BEHIND = '\u0002'

/**
 * A namespace as one text for COLLATE "C": each label followed by U+0001, so that a prefix of namespaces is a prefix of
 * texts and the order of bytes is the order of namespaces. (Postgres keeps no NUL.) U+0001 and U+0002 inside a label
 * are written as two characters each, whose second is neither and keeps their order.
 */
export function encodeNamespace(namespace: Namespace): string {
  let encoded = ''
  for (const label of namespace) encoded += escaped(label) + END
  return encoded
}

function escaped(label: string): string {
  // The second character first, as what stands for the first begins with it.
  return label.replaceAll(BEHIND, `${BEHIND}\u0004`).replaceAll(END, `${BEHIND}\u0003`)
}

export function decodeNamespace(encoded: string): string[] {
  const labels: string[] = []
  let label = ''
  for (let i = 0; i < encoded.length; i += 1) {
    const each = encoded[i] as string
    if (each === END) {
      labels.push(label)
      label = ''
    } else if (each === BEHIND) {
      i += 1
      label += encoded[i] === '\u0003' ? END : BEHIND
    } else label += each
  }
  return labels
}

/** The first text after all namespaces under a prefix; for the empty one, after every text. */
export function prefixEnd(encoded: string): string {
  return encoded === '' ? '\u{10FFFF}\u{10FFFF}' : encoded.slice(0, -1) + BEHIND
}
