import type { DocumentRow, PutRow } from '@tandemstore/core/adapter'

/**
 * Writes as they cross to the worker. Many small objects cross faster as one JSON text, and long texts (the values)
 * faster beside it, as they would have to be escaped in it.
 */
export interface PackedWrites {
  /** Writes without the values of their rows, as JSON. */
  readonly heads: string
  readonly values: readonly string[]
}

type Head = Omit<PutRow, 'row'> & { readonly row: Omit<DocumentRow, 'value'> }

export function packWrites(writes: readonly PutRow[]): PackedWrites {
  const heads = writes.map(({ row, condition }): Head => {
    const { namespace, key, version, createdAt, updatedAt, expiresAt, ttlMs, index } = row
    return { row: { namespace, key, version, createdAt, updatedAt, expiresAt, ttlMs, index }, condition }
  })
  return { heads: JSON.stringify(heads), values: writes.map(({ row }) => row.value) }
}

export function unpackWrites({ heads, values }: PackedWrites): PutRow[] {
  return (JSON.parse(heads) as Head[]).map(({ row, condition }, i) => ({
    row: { ...row, value: values[i] as string },
    condition,
  }))
}
