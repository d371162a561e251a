import type { CqlAnswer, CqlColumns } from './answers.js'
import { BodyWriter, opcodes } from './frames.js'
import type { Values } from './values.js'

const LOCAL_QUORUM = 6
const GLOBAL_TABLE = 1
const MORE_PAGES = 2
const NO_METADATA = 4

export interface Result {
  readonly opcode: number
  readonly body: Buffer
}

/** An answer as the protocol has it; `undefined` for one that is never sent. */
export function resultOf(answer: CqlAnswer, values: Values): Result | undefined {
  switch (answer.kind) {
    case 'void':
      return { opcode: opcodes.result, body: new BodyWriter().int(1).toBuffer() }
    case 'rows':
      return rowsResult(answer, values)
    case 'error':
      return errorResult(answer)
    default:
      return undefined
  }
}

function rowsResult(answer: Extract<CqlAnswer, { kind: 'rows' }>, values: Values): Result {
  const { columns, rows, pageState } = answer
  const body = new BodyWriter().int(2)
  body.int(GLOBAL_TABLE | (pageState === undefined ? 0 : MORE_PAGES)).int(Object.keys(columns).length)
  if (pageState !== undefined) body.bytes(Buffer.from(pageState, 'utf8'))
  writeColumns(body, columns, values)
  body.int(rows.length)
  for (const row of rows) {
    for (const [name, type] of Object.entries(columns)) body.bytes(values.encode(row[name], type))
  }
  return { opcode: opcodes.result, body: body.toBuffer() }
}

/** The answer to PREPARE: the id, and the types of what is bound. */
export function preparedResult(id: Buffer, types: readonly string[], values: Values): Result {
  const body = new BodyWriter().int(4).shortBytes(id)
  body.int(GLOBAL_TABLE).int(types.length).int(0)
  writeColumns(body, Object.fromEntries(types.map((type, i) => [`p${i}`, type])), values)
  body.int(NO_METADATA).int(0)
  return { opcode: opcodes.result, body: body.toBuffer() }
}

function writeColumns(body: BodyWriter, columns: CqlColumns, values: Values): void {
  body.string('keyspace').string('table')
  for (const [name, type] of Object.entries(columns)) {
    body.string(name)
    values.writeType(body, type)
  }
}

/** The answer to a statement that has to be prepared again. */
export function unpreparedResult(id: Buffer): Result {
  const body = new BodyWriter().int(0x2500).string('No prepared statement with this id').shortBytes(id)
  return { opcode: opcodes.error, body: body.toBuffer() }
}

/** The fields behind the message are those of native_protocol_v4.spec, section 9. */
function errorResult({ code, message, details }: Extract<CqlAnswer, { kind: 'error' }>): Result {
  const { consistency = LOCAL_QUORUM, received = 0, required = 1, writeType = 'SIMPLE' } = details
  const body = new BodyWriter().int(code).string(message)
  if (code === 0x1000) body.short(consistency).int(required).int(received)
  if (code === 0x1100) body.short(consistency).int(received).int(required).string(writeType)
  if (code === 0x1200) body.short(consistency).int(received).int(required).byte(0)
  if (code === 0x1300) body.short(consistency).int(received).int(required).int(1).byte(0)
  if (code === 0x1500) body.short(consistency).int(received).int(required).int(1).string(writeType)
  return { opcode: opcodes.error, body: body.toBuffer() }
}
