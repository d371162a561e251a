import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type DocumentPoints,
  type DocumentRef,
  type DocumentRow,
  formatVersion,
  type Point,
  StoreError,
} from '@tandemstore/core/adapter'
import { expect, onTestFinished } from 'vitest'

/** A file name in a directory of its own, which goes at the end of the test. */
export async function temporaryFile(name = 'store.db'): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-sqlite-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return join(directory, name)
}

export function versionOf(micros: number): string {
  return formatVersion(micros, 'aaaaaaaaaaaa')
}

export function rowOf(ref: DocumentRef, micros: number, rest: Partial<DocumentRow> = {}): DocumentRow {
  return { ...ref, value: `{"of":${micros}}`, version: versionOf(micros), createdAt: 1, updatedAt: 1, ...rest }
}

export function documentOf(
  ref: DocumentRef,
  micros: number,
  vectors: readonly (readonly number[])[],
  rest: Partial<DocumentPoints> = {},
): DocumentPoints {
  const points = vectors.map(
    (vector, part): Point => ({
      id: JSON.stringify([ref.namespace, ref.key, part]),
      field: '$',
      part,
      hash: 'hash',
      vector: Float32Array.from(vector),
    }),
  )
  return { ...ref, version: versionOf(micros), values: {}, fingerprint: 'made by', points, ...rest }
}

/** The StoreError that a promise rejects with. */
export async function storeError(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!StoreError.isInstance(error)) return expect.fail(`expected a StoreError, and got ${String(error)}`)
  return error
}
