import { type DocumentRow, refId } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import { actualPoints, expectedPoints, inOrder, type Raw } from '../src/raw.ts'

/** Expects the index to hold exactly the points of the documents in the KV, both read past the store. */
export async function expectInTandem(raw: Raw, fields: readonly string[]): Promise<{ rows: DocumentRow[] }> {
  const [rows, points] = await Promise.all([raw.rows(), raw.points()])
  expect(inOrder(actualPoints(points))).toEqual(inOrder(expectedPoints(rows, fields)))
  return { rows }
}

/**
 * Expects that an intent is left only where its write cannot be seen: it never reached the database as far as anybody knows, and may
 * still arrive. Gives how many there are.
 */
export async function expectOnlyUnseenIntents(raw: Raw): Promise<number> {
  const [intents, rows] = [await raw.intents(), await raw.rows()]
  const versions = new Map(rows.map((row) => [refId(row), row.version]))
  const seen = intents.filter((intent) => (versions.get(refId(intent)) ?? '') >= intent.version)
  expect(seen, 'intents of writes that the database shows').toEqual([])
  return intents.length
}
