import { hash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export interface Random {
  /** A whole number from 0 to `below - 1`. */
  integer(below: number): number
  /** In [0, 1). */
  fraction(): number
}

/** Random numbers that a seed and a purpose decide: what one purpose draws does not change what another does. */
export function seededRandom(seed: number, purpose: string): Random {
  const generator = xoroshiro128plus(Number.parseInt(hash('sha256', `${seed} ${purpose}`).slice(0, 8), 16) | 0)
  return {
    integer: (below) => uniformInt(generator, 0, below - 1),
    fraction: () => uniformFloat64(generator),
  }
}
