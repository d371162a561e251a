import type { Scalar } from '../ports/common.js'

/** The scalar types that a path may be compared with. */
type ScalarOf<V> = V extends string ? string : V extends number ? number : V extends boolean ? boolean : never

type Leaf<V> = V extends readonly (infer Element)[]
  ? Leaf<Element>
  : V extends object | null | undefined
    ? never
    : ScalarOf<V>

/**
 * Operators on one path. A comparison holds if some value that the path reaches satisfies it, each operator on its
 * own.
 */
export interface Condition<V extends Scalar = Scalar> {
  /** Equal, type included. `null`: the path reaches no value. */
  readonly $eq?: V | null
  /** Exactly not `$eq`. */
  readonly $ne?: V | null
  /** Numbers, or RFC 3339 dates on a path declared `datetime`. */
  readonly $gt?: number | string
  readonly $gte?: number | string
  readonly $lt?: number | string
  readonly $lte?: number | string
  readonly $in?: readonly V[]
  /** Exactly not `$in`. */
  readonly $nin?: readonly V[]
  /** Whether the path reaches at least one value. */
  readonly $exists?: boolean
}

type Depth = [never, 0, 1, 2, 3, 4]

/** The paths of T down to five levels, arrays entered silently. */
type PathOf<T, D extends number = 5> = [D] extends [never]
  ? never
  : T extends readonly (infer Element)[]
    ? PathOf<Element, D>
    : T extends object
      ? {
          [K in keyof T & string]:
            | K
            | (PathOf<NonNullable<T[K]>, Depth[D]> extends infer P extends string ? `${K}.${P}` : never)
        }[keyof T & string]
      : never

type At<T, P extends string> = T extends readonly (infer Element)[]
  ? At<Element, P>
  : P extends keyof T
    ? T[P]
    : P extends `${infer K}.${infer Rest}`
      ? K extends keyof T
        ? At<NonNullable<T[K]>, Rest>
        : never
      : never

type Operand<V> = [Leaf<V>] extends [never] ? Scalar | null | Condition : Leaf<V> | null | Condition<Leaf<V> & Scalar>

/**
 * A filter. `{ path: value }` means equal; several entries mean all of them. With a schema (or a type argument of
 * createStore) the paths and their types are checked; without, any path goes.
 */
export type FilterInput<T extends object> = (string extends keyof T
  ? { readonly [path: string]: unknown }
  : { readonly [P in PathOf<T>]?: Operand<At<T, P>> }) & {
  readonly $and?: readonly FilterInput<T>[]
  readonly $or?: readonly FilterInput<T>[]
  readonly $not?: FilterInput<T>
}
