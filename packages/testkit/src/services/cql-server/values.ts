import { createRequire } from 'node:module'
import type { BodyWriter } from './frames.js'

/** A type of CQL as the driver describes it: its code in the protocol, and for collections the types within. */
interface TypeSpec {
  readonly code: number
  readonly info?: TypeSpec | readonly TypeSpec[] | null
}

export interface Values {
  encode(value: unknown, type: string): Buffer | null
  decode(bytes: Buffer, type: string): unknown
  /** Writes a type as the metadata of a result has it. */
  writeType(body: BodyWriter, type: string): void
}

/** Values by the encoder of cassandra-driver, which has to be installed beside the testkit. */
export function loadValues(): Values {
  const load = createRequire(import.meta.url)
  const { types } = load('cassandra-driver') as {
    types: { dataTypes: { getByName(name: string): TypeSpec } }
  }
  const Encoder = load('cassandra-driver/lib/encoder') as new (
    version: number,
    options: object,
  ) => { encode(value: unknown, type: TypeSpec): Buffer | null; decode(bytes: Buffer, type: TypeSpec): unknown }
  const encoder = new Encoder(4, {})
  const specs = new Map<string, TypeSpec>()
  const specOf = (type: string): TypeSpec => {
    let spec = specs.get(type)
    if (spec === undefined) {
      spec = types.dataTypes.getByName(type)
      specs.set(type, spec)
    }
    return spec
  }
  const writeSpec = (body: BodyWriter, { code, info }: TypeSpec): void => {
    body.short(code)
    for (const inner of Array.isArray(info) ? info : info ? [info as TypeSpec] : []) writeSpec(body, inner)
  }
  return {
    encode: (value, type) => (value === null || value === undefined ? null : encoder.encode(value, specOf(type))),
    decode: (bytes, type) => encoder.decode(bytes, specOf(type)),
    writeType: (body, type) => writeSpec(body, specOf(type)),
  }
}
