import { BodyReader } from './frames.js'

/** A statement as it was sent: its text, or the id of a prepared one, with the bytes of its values. */
export interface SentStatement {
  readonly query: string | undefined
  readonly preparedId: Buffer | undefined
  readonly values: readonly (Buffer | null)[]
}

export interface SentRequest {
  readonly statements: readonly SentStatement[]
  readonly consistency: number
  readonly serialConsistency: number | undefined
  readonly pageSize: number | undefined
  readonly pageState: string | undefined
}

const flag = { values: 0x01, pageSize: 0x04, pageState: 0x08, serial: 0x10 } as const

export function readQuery(body: Buffer): SentRequest {
  const reader = new BodyReader(body)
  return readOptions(reader, { query: reader.longString(), preparedId: undefined })
}

export function readExecute(body: Buffer): SentRequest {
  const reader = new BodyReader(body)
  return readOptions(reader, { query: undefined, preparedId: reader.shortBytes() })
}

export function readBatch(body: Buffer): SentRequest {
  const reader = new BodyReader(body)
  reader.byte()
  const statements = Array.from({ length: reader.short() }, (): SentStatement => {
    const isPrepared = reader.byte() === 1
    const query = isPrepared ? undefined : reader.longString()
    const preparedId = isPrepared ? reader.shortBytes() : undefined
    return { query, preparedId, values: readValues(reader) }
  })
  const consistency = reader.short()
  const serialConsistency = reader.byte() & flag.serial ? reader.short() : undefined
  return { statements, consistency, serialConsistency, pageSize: undefined, pageState: undefined }
}

function readOptions(reader: BodyReader, statement: Omit<SentStatement, 'values'>): SentRequest {
  const consistency = reader.short()
  const flags = reader.byte()
  const values = flags & flag.values ? readValues(reader) : []
  const pageSize = flags & flag.pageSize ? reader.int() : undefined
  const pageState = flags & flag.pageState ? reader.bytes()?.toString('utf8') : undefined
  const serialConsistency = flags & flag.serial ? reader.short() : undefined
  return { statements: [{ ...statement, values }], consistency, serialConsistency, pageSize, pageState }
}

function readValues(reader: BodyReader): (Buffer | null)[] {
  return Array.from({ length: reader.short() }, () => reader.bytes())
}
