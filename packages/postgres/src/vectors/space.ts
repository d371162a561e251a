import type { Metric } from '@tandemstore/core/adapter'
import type { Row } from '../connection.js'

/** A space as it was found when it was opened. */
export interface Space {
  readonly id: number
  readonly name: string
  /** 0: points have no vectors. */
  readonly dimensions: number
  readonly metric: Metric
  readonly hasFilterable: boolean
  readonly hasWords: boolean
  /** Whether there is an index of vectors. */
  readonly hasNearest: boolean
  /** Names of its tables and of its function, with the schema. */
  readonly point: string
  readonly word: string
  readonly replace: string
}

export function selectSpaceSql(schema: string): string {
  return `SELECT id, name, dimensions, metric, has_filterable, has_words, has_nearest FROM ${schema}.space WHERE name = $1`
}

export function toSpace(row: Row, schema: string): Space {
  const id = Number(row.id)
  return {
    id,
    name: row.name as string,
    dimensions: Number(row.dimensions),
    metric: row.metric as Metric,
    hasFilterable: row.has_filterable === true,
    hasWords: row.has_words === true,
    hasNearest: row.has_nearest === true,
    point: `${schema}.point_${id}`,
    word: `${schema}.word_${id}`,
    replace: `${schema}.replace_${id}`,
  }
}
