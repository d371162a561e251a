type Depth = [never, 0, 1, 2, 3, 4]

/** What may follow the path of a V, down to five levels. */
type Rest<V, D extends number = 5> = [D] extends [never]
  ? never
  : unknown extends V
    ? `.${string}` | `[${string}`
    : V extends readonly (infer Element)[]
      ? `[${'*' | number}]${'' | Rest<Element, Depth[D]>}`
      : V extends object
        ? string extends keyof V
          ? `.${string}`
          : { [K in keyof V & string]: `.${K}${'' | Rest<V[K], Depth[D]>}` }[keyof V & string]
        : never

type WithoutDot<P> = P extends `.${infer Path}` ? Path : never

/**
 * A path whose texts get vectors: `$`, `title`, `a.b`, `a[0]`, `a[-1]`, `a[*].b`, `a.*`, `{a,b}.c`. Where the type of
 * the values is known, a name that they do not have is an error; what has `*`, `{` or a backslash outside brackets is
 * not looked into.
 */
export type FieldPath<T extends object> = [keyof T] extends [never]
  ? string
  : string extends keyof T
    ? string
    : '$' | WithoutDot<Rest<T>> | `*${string}` | `${string}.*${string}` | `${string}{${string}` | `${string}\\${string}`
