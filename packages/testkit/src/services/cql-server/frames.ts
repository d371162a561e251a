/** The first byte of an answer in version 4 of the native protocol. */
const ANSWER_VERSION = 0x84
const HEADER_BYTES = 9
/** Versions of the protocol, those of DSE included. Anything else is another protocol, such as TLS. */
const versions: readonly number[] = [1, 2, 3, 4, 5, 6, 0x41, 0x42]

/** Opcodes of the native protocol, version 4 (native_protocol_v4.spec, section 2.4). */
export const opcodes = {
  error: 0x00,
  startup: 0x01,
  ready: 0x02,
  options: 0x05,
  supported: 0x06,
  query: 0x07,
  result: 0x08,
  prepare: 0x09,
  execute: 0x0a,
  register: 0x0b,
  batch: 0x0d,
} as const

export interface Frame {
  readonly version: number
  readonly stream: number
  readonly opcode: number
  readonly body: Buffer
}

/** Cuts what a socket gives into frames. What is of another protocol comes as one of no version. */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let left: Buffer = Buffer.alloc(0)
  return (chunk) => {
    left = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    while (left.length >= HEADER_BYTES) {
      if (!versions.includes(left.readUInt8(0))) {
        left = Buffer.alloc(0)
        return onFrame({ version: 0, stream: 0, opcode: opcodes.error, body: left })
      }
      const end = HEADER_BYTES + left.readUInt32BE(5)
      if (left.length < end) return
      const [version = 0, , , , opcode = 0] = left
      const frame = { version, stream: left.readInt16BE(2), opcode, body: left.subarray(HEADER_BYTES, end) }
      left = left.subarray(end)
      onFrame(frame)
    }
  }
}

export function frameBytes(stream: number, opcode: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(ANSWER_VERSION, 0)
  header.writeInt16BE(stream, 2)
  header.writeUInt8(opcode, 4)
  header.writeUInt32BE(body.length, 5)
  return Buffer.concat([header, body])
}

/** Reads the body of a frame from its start to its end. */
export class BodyReader {
  #at = 0
  readonly #body: Buffer

  constructor(body: Buffer) {
    this.#body = body
  }

  byte(): number {
    this.#at += 1
    return this.#body.readUInt8(this.#at - 1)
  }

  short(): number {
    this.#at += 2
    return this.#body.readUInt16BE(this.#at - 2)
  }

  int(): number {
    this.#at += 4
    return this.#body.readInt32BE(this.#at - 4)
  }

  /** `null` for a null value. */
  bytes(): Buffer | null {
    const length = this.int()
    return length < 0 ? null : this.#take(length)
  }

  shortBytes(): Buffer {
    return this.#take(this.short())
  }

  longString(): string {
    return this.#take(this.int()).toString('utf8')
  }

  #take(length: number): Buffer {
    this.#at += length
    return this.#body.subarray(this.#at - length, this.#at)
  }
}

/** Puts the body of a frame together. */
export class BodyWriter {
  readonly #parts: Buffer[] = []

  byte(value: number): this {
    return this.#add(Buffer.from([value]))
  }

  short(value: number): this {
    const part = Buffer.alloc(2)
    part.writeUInt16BE(value)
    return this.#add(part)
  }

  int(value: number): this {
    const part = Buffer.alloc(4)
    part.writeInt32BE(value)
    return this.#add(part)
  }

  bytes(value: Buffer | null): this {
    return value === null ? this.int(-1) : this.int(value.length).#add(value)
  }

  shortBytes(value: Buffer): this {
    return this.short(value.length).#add(value)
  }

  string(text: string): this {
    return this.shortBytes(Buffer.from(text, 'utf8'))
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #add(part: Buffer): this {
    this.#parts.push(part)
    return this
  }
}
