const EMPTY = -1
const MIN_LENGTH = 1024

/**
 * The first row of each document, by the document's number: a hash table of rows with linear probing. It keeps no
 * numbers of its own, as a row knows its document, and so takes about eight bytes a document.
 */
export class DocumentTable {
  readonly #documentOf: (row: number) => number
  /** Rows, or EMPTY. The length is a power of two, and at most two thirds are used. */
  #rows = new Int32Array(MIN_LENGTH).fill(EMPTY)
  #size = 0

  constructor(documentOf: (row: number) => number) {
    this.#documentOf = documentOf
  }

  get bytes(): number {
    return this.#rows.byteLength
  }

  /** The first row of a document; -1 where there is none. */
  get(document: number): number {
    return this.#rows[this.#find(document)] as number
  }

  /** `row` must be one of the document, now and as long as it is in the table. */
  set(document: number, row: number): void {
    const place = this.#find(document)
    if (this.#rows[place] === EMPTY) this.#size += 1
    this.#rows[place] = row
    if (this.#size * 3 > this.#rows.length * 2) this.#grow()
  }

  /** To be called while the rows of the documents still know them. */
  delete(document: number): void {
    const rows = this.#rows
    let hole = this.#find(document)
    if (rows[hole] === EMPTY) return
    this.#size -= 1
    // Rows behind it move up, so that no search ends at the hole before it has met them.
    const mask = rows.length - 1
    for (let place = (hole + 1) & mask; rows[place] !== EMPTY; place = (place + 1) & mask) {
      const home = this.#home(this.#documentOf(rows[place] as number))
      if (((place - home) & mask) < ((place - hole) & mask)) continue
      rows[hole] = rows[place] as number
      hole = place
    }
    rows[hole] = EMPTY
  }

  #find(document: number): number {
    const rows = this.#rows
    const mask = rows.length - 1
    let place = this.#home(document)
    while (rows[place] !== EMPTY && this.#documentOf(rows[place] as number) !== document) place = (place + 1) & mask
    return place
  }

  #home(document: number): number {
    const low = document % 2 ** 32
    const high = (document - low) / 2 ** 32
    // Multiplication by the golden ratio spreads numbers that follow one another (Knuth, "Sorting and Searching",
    // section 6.4).
    const mixed = Math.imul(low ^ high, 0x9e3779b1)
    return (mixed ^ (mixed >>> 15)) & (this.#rows.length - 1)
  }

  #grow(): void {
    const old = this.#rows
    this.#rows = new Int32Array(old.length * 2).fill(EMPTY)
    for (const row of old) if (row !== EMPTY) this.#rows[this.#find(this.#documentOf(row))] = row
  }
}
