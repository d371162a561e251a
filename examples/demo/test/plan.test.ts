import { describe, expect, it } from 'vitest'
import type { Collection, SectionDocument } from '../src/collect.ts'
import { planIngest } from '../src/plan.ts'

function section(source: string, file: string, key: string): SectionDocument {
  return { namespace: [source], key, value: { source, file, heading: '', text: key } }
}

function collection(files: readonly SectionDocument[][], skipped: Collection['skipped'] = []): Collection {
  return { files, skipped }
}

const asStored = ({ namespace, key, value }: SectionDocument) => ({ namespace, key, file: value.file })
const keys = (sections: readonly { readonly key: string }[]) => sections.map(({ key }) => key)

const a = ['a1', 'a2', 'a3'].map((key) => section('a', 'README.md', key))
const b = ['b1', 'b2'].map((key) => section('b', 'README.md', key))

describe('planIngest', () => {
  it('takes the start of every file before the depth of any', () => {
    const plan = planIngest(collection([a, b]), [], 0, 3)
    expect(keys(plan.put)).toEqual(['a1', 'b1', 'a2'])
    expect(plan).toMatchObject({ stored: [], halfDone: 0, leftOut: 2, remove: [] })
  })

  it('passes over what is stored already', () => {
    const stored = [a[0], b[0]].filter((s) => s !== undefined)
    const plan = planIngest(collection([a, b]), stored.map(asStored), 2, 10)
    expect(keys(plan.put)).toEqual(['a2', 'b2', 'a3'])
    expect(plan).toMatchObject({ stored, halfDone: 0 })
  })

  it('embeds nothing and deletes nothing the second time, also under a lower limit', () => {
    const stored = [...a, ...b].map(asStored)
    const plan = planIngest(collection([a, b]), stored, 5, 1)
    expect(plan).toMatchObject({ put: [], remove: [], halfDone: 0, leftOut: 0 })
    expect(plan.stored).toHaveLength(5)
  })

  it('tells how much of what is stored has no vector yet', () => {
    const stored = [...a, ...b].map(asStored)
    expect(planIngest(collection([a, b]), stored, 3, 10).halfDone).toBe(2)
    // Points of deleted sections may be there for a while.
    expect(planIngest(collection([a, b]), stored, 6, 10).halfDone).toBe(0)
    expect(planIngest(collection([b]), stored, 0, 10).halfDone).toBe(2)
  })

  it('deletes sections that are gone, and no other document of that key', () => {
    const stored = [...a, section('b', 'README.md', 'a1')].map(asStored)
    const plan = planIngest(collection([a.slice(1)]), stored, 4, 10)
    expect(plan.remove).toEqual([
      { namespace: ['a'], key: 'a1', file: 'README.md' },
      { namespace: ['b'], key: 'a1', file: 'README.md' },
    ])
  })

  it('keeps the sections of a file that could not be read this time', () => {
    const file = { namespace: ['a'], file: 'README.md', path: '/a/README.md' }
    const plan = planIngest(collection([b], [{ file, reason: 'unreadable' }]), a.map(asStored), 3, 10)
    expect(plan.remove).toEqual([])
  })
})
