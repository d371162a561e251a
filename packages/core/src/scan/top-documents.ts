/** The highest lower bound of each of the best `size` documents: a heap with the lowest of them on top. */
export class TopDocuments {
  readonly #size: number
  readonly #documents: number[] = []
  readonly #bounds: number[] = []
  readonly #places = new Map<number, number>()

  constructor(size: number) {
    this.#size = size
  }

  /** The bound that `size` documents reach; -Infinity as long as there are fewer. */
  get limit(): number {
    return this.#bounds.length < this.#size ? Number.NEGATIVE_INFINITY : (this.#bounds[0] as number)
  }

  add(document: number, bound: number): void {
    const place = this.#places.get(document)
    if (place !== undefined) {
      if (bound <= (this.#bounds[place] as number)) return
      this.#bounds[place] = bound
      this.#sink(place)
    } else if (this.#bounds.length < this.#size) {
      this.#put(this.#bounds.length, document, bound)
      this.#rise(this.#bounds.length - 1)
    } else if (bound > (this.#bounds[0] as number)) {
      this.#places.delete(this.#documents[0] as number)
      this.#put(0, document, bound)
      this.#sink(0)
    }
  }

  #put(place: number, document: number, bound: number): void {
    this.#documents[place] = document
    this.#bounds[place] = bound
    this.#places.set(document, place)
  }

  #swap(a: number, b: number): void {
    const [document, bound] = [this.#documents[a] as number, this.#bounds[a] as number]
    this.#put(a, this.#documents[b] as number, this.#bounds[b] as number)
    this.#put(b, document, bound)
  }

  #rise(from: number): void {
    for (let place = from; place > 0; ) {
      const parent = (place - 1) >> 1
      if ((this.#bounds[parent] as number) <= (this.#bounds[place] as number)) return
      this.#swap(place, parent)
      place = parent
    }
  }

  #sink(from: number): void {
    for (let place = from; ; ) {
      let least = place
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if ((this.#bounds[child] ?? Number.POSITIVE_INFINITY) < (this.#bounds[least] as number)) least = child
      }
      if (least === place) return
      this.#swap(place, least)
      place = least
    }
  }
}
