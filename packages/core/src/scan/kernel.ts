import { kernelBinary } from './kernel-binary.js'

/** Rows of a block, whose codes lie together. */
export const BLOCK_ROWS = 64
/** Of each row, behind the codes of its block: scale, residual, norm and weight as floats. */
export const STATS_BYTES = 16

/** What a row's four floats are multiplied by; the scale also by the dot product of the codes. */
export type Factors = readonly [scale: number, residual: number, norm: number, weight: number]

/**
 * Computes bounds over packed rows in a memory of its own. All places are byte offsets into that memory; see
 * kernel.wat.
 */
export interface Kernel {
  /** Replaced when the memory grows. */
  readonly buffer: ArrayBuffer
  /** Makes the memory at least so large. Throws a RangeError if the machine has no more. */
  grow(bytes: number): void
  /** Bounds of every row of `blocks` blocks, and the highest of each block. */
  scan(
    ...args: [
      block: number,
      blocks: number,
      dimensions: number,
      query: number,
      bounds: number,
      highest: number,
      ...Factors,
    ]
  ): void
  /** Bounds of single rows, whose numbers lie at `rows`; row 0 lies at `block`. */
  pick(
    ...args: [block: number, rows: number, count: number, dimensions: number, query: number, bounds: number, ...Factors]
  ): void
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  readonly scan: Kernel['scan']
  readonly pick: Kernel['pick']
}

/** The part of WebAssembly that is used. Its types are only in the library of browsers. */
interface WebAssemblyGlobal {
  validate(binary: Uint8Array): boolean
  readonly Module: new (binary: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

const PAGE_BYTES = 65_536
let compiled: { readonly instantiate: () => Exports } | 'unsupported' | undefined

/**
 * A kernel with 128-bit SIMD, or one in JavaScript where the runtime has none. Both give the same bounds but for
 * rounding.
 */
export function createKernel(): Kernel {
  compiled ??= compile()
  return compiled === 'unsupported' ? createPlainKernel() : createSimdKernel(compiled.instantiate())
}

function compile(): NonNullable<typeof compiled> {
  const wasm = (globalThis as { WebAssembly?: WebAssemblyGlobal }).WebAssembly
  const binary = Uint8Array.from(atob(kernelBinary), (character) => character.charCodeAt(0))
  if (wasm?.validate(binary) !== true) return 'unsupported'
  const module = new wasm.Module(binary)
  return { instantiate: () => new wasm.Instance(module).exports as Exports }
}

function createSimdKernel({ memory, scan, pick }: Exports): Kernel {
  return {
    get buffer() {
      return memory.buffer
    },
    grow(bytes) {
      const pages = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES)
      if (pages > 0) memory.grow(pages)
    },
    scan,
    pick,
  }
}

/** The same in JavaScript, about ten times slower. */
export function createPlainKernel(): Kernel {
  let buffer = new ArrayBuffer(0)
  let codes = new Int8Array(buffer)
  let words = new Int16Array(buffer)
  let floats = new Float32Array(buffer)
  let numbers = new Uint32Array(buffer)

  const bound = (row: number, stats: number, dimensions: number, query: number, factors: Factors): number => {
    let sum = 0
    const start = query / 2
    for (let i = 0; i < dimensions; i += 1) sum += (codes[row + i] as number) * (words[start + i] as number)
    const at = stats / 4
    const [scale, residual, norm, weight] = factors
    return (
      sum * (floats[at] as number) * scale +
      (floats[at + 1] as number) * residual +
      (floats[at + 2] as number) * norm +
      (floats[at + 3] as number) * weight
    )
  }
  return {
    get buffer() {
      return buffer
    },
    grow(bytes) {
      if (bytes <= buffer.byteLength) return
      const larger = new ArrayBuffer(Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES)
      new Uint8Array(larger).set(new Uint8Array(buffer))
      buffer = larger
      codes = new Int8Array(buffer)
      words = new Int16Array(buffer)
      floats = new Float32Array(buffer)
      numbers = new Uint32Array(buffer)
    },
    scan(block, blocks, dimensions, query, bounds, highest, ...factors) {
      for (let i = 0; i < blocks; i += 1) {
        const at = block + i * BLOCK_ROWS * (dimensions + STATS_BYTES)
        let most = Number.NEGATIVE_INFINITY
        for (let row = 0; row < BLOCK_ROWS; row += 1) {
          const stats = at + BLOCK_ROWS * dimensions + row * STATS_BYTES
          const each = bound(at + row * dimensions, stats, dimensions, query, factors)
          floats[bounds / 4 + i * BLOCK_ROWS + row] = each
          most = Math.max(most, each)
        }
        floats[highest / 4 + i] = most
      }
    },
    pick(block, rows, count, dimensions, query, bounds, ...factors) {
      for (let i = 0; i < count; i += 1) {
        const number = numbers[rows / 4 + i] as number
        const at = block + (number >>> 6) * BLOCK_ROWS * (dimensions + STATS_BYTES)
        const row = number & (BLOCK_ROWS - 1)
        const stats = at + BLOCK_ROWS * dimensions + row * STATS_BYTES
        floats[bounds / 4 + i] = bound(at + row * dimensions, stats, dimensions, query, factors)
      }
    },
  }
}
