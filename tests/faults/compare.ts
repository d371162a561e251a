import { type DocumentRow, refId } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import { actualPoints, expectedPoints, inOrder, type Raw } from '../src/raw.ts'

/** Expects the index to hold exactly the points of the documents in the KV, both read past the store. */
export async function expectInTandem(raw: Raw, fields: readonly string[]): Promise<{ rows: DocumentRow[] }> {
  const [rows, points] = await Promise.all([raw.rows(), raw.points()])
  expect(inOrder(actualPoints(points))).toEqual(inOrder(expectedPoints(rows, fields)))
  return { rows }
}

/** Words compared at a time: each is a request. */
const MAX_WORDS = 60

/**
 * Expects some of the words that begin with letters and end with digits to be held by exactly the documents whose texts
 * have them. Gives how many.
 */
export async function expectWordsInTandem(raw: Raw, rows: readonly DocumentRow[]): Promise<number> {
  const wordsOf = ({ value }: DocumentRow): string[] => value.match(/[a-z]+\d+/g) ?? []
  const all = [...new Set(rows.flatMap(wordsOf))]
  const words = all.filter((_, i) => i % Math.ceil(all.length / MAX_WORDS) === 0)
  for (const word of words) {
    const expected = rows.filter((row) => wordsOf(row).includes(word)).map(refId)
    expect((await raw.holders(word)).map(refId).sort(), word).toEqual(expected.sort())
  }
  return words.length
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
