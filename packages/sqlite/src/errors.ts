import { statSync } from 'node:fs'
import { StoreError, type StoreErrorCode } from '@tandemstore/core/adapter'
import type { WireError } from './protocol.js'

// Primary result codes: https://www.sqlite.org/rescode.html
const SQLITE_PERM = 3
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_NOMEM = 7
const SQLITE_READONLY = 8
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_PROTOCOL = 15
const SQLITE_NOTADB = 26

const refusedWhenOpening: ReadonlySet<number> = new Set([
  SQLITE_PERM,
  SQLITE_READONLY,
  SQLITE_CORRUPT,
  SQLITE_CANTOPEN,
  SQLITE_NOTADB,
])

/** The state of the machine and not of the data: the same call succeeds once the disk has room, or works, again. */
const transient: ReadonlySet<number> = new Set([SQLITE_NOMEM, SQLITE_IOERR, SQLITE_FULL, SQLITE_PROTOCOL])

/** The extended result code of an error of SQLite, `undefined` for any other error. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode
}

function primaryCode(error: unknown): number | undefined {
  const code = resultCode(error)
  return code === undefined ? undefined : code & 0xff
}

/** Whether another connection holds a lock that this one needs. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error)
  return code === SQLITE_BUSY || code === SQLITE_LOCKED
}

/** An error as the worker sends it. `opening`: the file that was being opened. */
export function toWireError(error: unknown, opening?: string): WireError {
  if (StoreError.isInstance(error)) {
    const { code, message, retryable, field, namespace, key } = error
    return { code, message, retryable, field, namespace, key, ...causeOf(error.cause) }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: codeOf(error, opening),
    message: describe(error, message, opening),
    retryable: transient.has(primaryCode(error) ?? 0),
    ...causeOf(error),
  }
}

function codeOf(error: unknown, opening: string | undefined): WireError['code'] {
  const code = primaryCode(error)
  if (code === SQLITE_READONLY || (opening !== undefined && code !== undefined && refusedWhenOpening.has(code)))
    return 'CONFIGURATION'
  return 'FAILED'
}

function describe(error: unknown, message: string, opening: string | undefined): string {
  const code = primaryCode(error)
  const said = code === SQLITE_FULL ? `The disk is full, or the database may not grow: ${message}` : message
  if (opening === undefined) return said
  return `${opening} cannot be opened: ${said}${adviceFor(code, opening)}`
}

function adviceFor(code: number | undefined, path: string): string {
  if (code === SQLITE_NOTADB)
    return '; it belongs to another program, or is damaged: name another file, or restore this one'
  if (code !== SQLITE_CANTOPEN) return ''
  return isFolder(path)
    ? '; it is a folder: name a file in it'
    : '; its folder has to exist, and be one that this process may write to'
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // It is not there, or this process may not look.
    return false
  }
}

function causeOf(cause: unknown): Pick<WireError, 'cause'> {
  if (!(cause instanceof Error)) return {}
  return { cause: { message: cause.message, stack: cause.stack, errcode: resultCode(cause) } }
}

/** The error that the caller gets. `failed` is the code of the port that was called. */
export function fromWireError(wire: WireError, failed: 'KV_FAILED' | 'INDEX_FAILED'): StoreError {
  const code: StoreErrorCode = wire.code === 'FAILED' ? failed : wire.code
  const cause = wire.cause && Object.assign(new Error(wire.cause.message), { errcode: wire.cause.errcode })
  if (cause && wire.cause?.stack !== undefined) cause.stack = wire.cause.stack
  const { retryable, field, namespace, key } = wire
  return new StoreError(code, `SQLite: ${wire.message}`, { cause, retryable, field, namespace, key })
}
