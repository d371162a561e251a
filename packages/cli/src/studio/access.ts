import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Refusal {
  readonly status: number
  readonly message: string
}

/** A token that cannot be guessed. */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/**
 * Why a request is not answered, whatever it asks for. A name that resolves to this machine is refused by its Host, the
 * page of another site by its Origin.
 */
export function foreignRequest({ headers }: IncomingMessage, port: number): Refusal | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (headers.host === undefined || !hosts.includes(headers.host)) return { status: 403, message: 'Unknown Host' }
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
    return { status: 403, message: 'Unknown Origin' }
  return undefined
}

/**
 * Why a request may not see what is in the store. The token comes in a header that no other page can set, and never in a
 * cookie, which every server on this address would get.
 */
export function withoutToken({ headers }: IncomingMessage, token: string): Refusal | undefined {
  const given = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
  if (timingSafeEqual(digest(given), digest(token))) return undefined
  return { status: 401, message: 'The token is missing or wrong: open the address that `tandem studio` printed' }
}

/** Of equal length, whatever the token's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
