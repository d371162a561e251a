import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readStaticModel, writeStaticModel } from '@tandemstore/embed-local/make'
import { describe, expect, it } from 'vitest'
import { identity } from '../src/identity.js'

const bytes = readFileSync(new URL('../data/static-model.bin', import.meta.url))
const manifest = JSON.parse(readFileSync(new URL('../data/static-model.json', import.meta.url), 'utf8'))

describe('the data file', () => {
  it('is the one that its manifest tells of, and that vectors are named after', () => {
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(manifest.sha256)
    const { name, revision, dimensions, vocabulary } = readStaticModel(bytes)
    expect({ name, revision, dimensions }).toEqual(identity)
    expect(manifest).toMatchObject({ ...identity, bytes: bytes.length, rows: vocabulary.length })
    expect(new Set(vocabulary).size).toBe(vocabulary.length)
  })

  it('has at most 9 MB', () => {
    expect(bytes.length).toBeLessThanOrEqual(9_000_000)
  })

  it('is written as it is read', () => {
    expect(Buffer.from(writeStaticModel(readStaticModel(bytes))).equals(bytes)).toBe(true)
  })

  it('is read at any offset of a larger buffer', () => {
    const larger = new Uint8Array(bytes.length + 3)
    larger.set(bytes, 3)
    expect(readStaticModel(larger.subarray(3))).toEqual(readStaticModel(bytes))
  })

  it.each([
    ['nothing', bytes.subarray(0, 0), 'it is too short'],
    ['its beginning', bytes.subarray(0, 1000), 'it has 1000 bytes instead of'],
    ['a header cut off', bytes.subarray(0, 20), 'its header cannot be read'],
    ['something else', Buffer.from('<!doctype html>'), 'it does not begin with TSM1'],
    ['more than itself', Buffer.concat([bytes, Buffer.from('x')]), 'bytes instead of'],
    ['a header that lacks fields', Buffer.from('TSM1\u0002\0\0\0{}'), 'its header is not complete'],
  ])('is told from %s', (_, data, problem) => {
    expect(() => readStaticModel(data)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', field: 'data', message: expect.stringContaining(problem) }),
    )
  })
})
