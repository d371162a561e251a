import type { SpaceRecord } from '@tandemstore/core/adapter'
import { wrongUsage } from '../exit-codes.js'

/**
 * The space to work with: the one that is named, else the only one, else the only one that is complete. `undefined`
 * where there is none at all.
 */
export function chooseSpace(records: readonly SpaceRecord[], name: string | undefined): SpaceRecord | undefined {
  const list = () => records.map((record) => `${record.name} (${modelName(record)})`).join(', ')
  if (name !== undefined) {
    const named = records.find((record) => record.name === name)
    if (named === undefined)
      throw wrongUsage(`There is no space ${name}${records.length === 0 ? '' : `, only ${list()}`}`)
    return named
  }
  if (records.length <= 1) return records[0]
  const complete = records.filter((record) => record.complete)
  if (complete.length === 1) return complete[0]
  throw wrongUsage(`The collection has several vector spaces: say which with --space: ${list()}`)
}

/** `local/tandem-static-en`. */
export function modelName({ model }: Pick<SpaceRecord, 'model'>): string {
  return `${String(model.provider)}/${String(model.name)}`
}
