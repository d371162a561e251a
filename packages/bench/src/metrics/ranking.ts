import { compareText } from '@tandemstore/core/adapter'

export interface Scored {
  readonly id: string
  readonly score: number
}

/**
 * Ids in the order in which trec_eval reads a run: best score first, and of equal scores the greater id first, by its
 * UTF-8 bytes (comp_sim_docno in trec_eval's form_res_rels.c). So a search engine's order among equals is no
 * advantage.
 */
export function toRanking(hits: readonly Scored[]): string[] {
  return hits.toSorted((a, b) => b.score - a.score || compareText(b.id, a.id)).map(({ id }) => id)
}
