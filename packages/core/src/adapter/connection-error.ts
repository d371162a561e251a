import { StoreError } from '../errors.js'
import { speaksTls } from './tls-port.js'

/** Codes of Node.js and undici for a connection that failed, which the next one may not. */
const networkCode =
  /^(ECONN(RESET|REFUSED|ABORTED)|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|UND_ERR_.*)$/
/** What fetch says of a connection that failed or broke off; clients put their own words before it. */
const networkMessage = /fetch failed|(^|: )terminated$/

/** Connections that fail until somebody mends the set-up: how they are known, and what mends them. */
const setupFaults: readonly { readonly code?: RegExp; readonly message?: RegExp; readonly remedy: string }[] = [
  {
    code: /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY_LEAF|GET_ISSUER)|HOSTNAME_MISMATCH/,
    remedy: 'its certificate is not trusted; name its authority in NODE_EXTRA_CA_CERTS, or mend the certificate',
  },
  {
    code: /^(ERR_SSL_|EPROTO$)/,
    remedy: 'no TLS could be agreed on; is it a port for plain http://?',
  },
  {
    code: /^HPE_/,
    message: /does not match the HTTP/,
    remedy: 'it does not speak HTTP; is it a port for https://, or of another service?',
  },
  { message: /^bad port$/, remedy: 'fetch does not connect to this port' },
  { code: /^ERR_INVALID_URL$/, message: /^unknown scheme$/, remedy: 'it is no http:// or https:// URL' },
]

/** An error and what it was caused by, from the outside in. */
function chain(error: unknown): Error[] {
  const errors: Error[] = []
  for (let each = error; each instanceof Error && errors.length < 8; ) {
    errors.push(each)
    // One connection was tried for each address of a name; one of them tells enough.
    each = each.cause ?? (each as { errors?: unknown[] }).errors?.[0]
  }
  return errors
}

const codeOf = (error: Error): string => {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** Whether an error, or what it was caused by, is a connection that failed or broke off. */
export function isNetworkError(error: unknown): boolean {
  return chain(error).some((each) => networkCode.test(codeOf(each)) || networkMessage.test(each.message))
}

/**
 * What lies at the bottom of an error: its innermost message in one line, with its code. Outer ones say little more
 * than `fetch failed`.
 */
export function innerReason(error: unknown): string {
  const errors = chain(error)
  const inner = errors.findLast(({ message }) => message !== '') ?? errors.at(-1)
  if (inner === undefined) return String(error)
  const code = codeOf(errors.at(-1) as Error)
  // What OpenSSL says has the place in its source before it and after it.
  const message = inner.message.replace(/^[0-9A-F]+:error:[0-9A-F]+:([^:]*):[^:]*:([^:]*):.*/s, '$1: $2').trim()
  return [message, ...(code === '' || message.includes(code) ? [] : [`(${code})`])].join(' ').replace(/\s+/g, ' ')
}

/** A URL as it may be printed: without user, password, query and fragment, which may be secrets. */
export function plainAddress(url: string): string {
  if (!URL.canParse(url)) return 'an address that is no URL'
  const { origin, protocol, host, pathname } = new URL(url)
  return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname === '/' ? '' : pathname}`
}

/** What fetch says of a connection that was closed before anything was answered. */
const closedAtOnce = /other side closed|ECONNRESET|socket hang up/

/**
 * As `connectionError`, but looks first whether the port of an http:// URL that closes every connection speaks TLS:
 * CONFIGURATION then, too.
 */
export async function explainConnectionError(
  error: unknown,
  what: string,
  url?: string,
): Promise<StoreError | undefined> {
  const known = connectionError(error, what, url)
  if (known?.code !== 'UNAVAILABLE' || url === undefined || !URL.canParse(url)) return known
  if (!closedAtOnce.test(known.message) || !(await speaksTls(url))) return known
  return new StoreError('CONFIGURATION', `${known.message}: the port speaks TLS, use https://`, { cause: error })
}

/**
 * A connection that failed, as a StoreError with the address and the inner reason; `undefined` for an error that is
 * none. CONFIGURATION where no waiting mends it: a certificate that is not trusted, a port that speaks another protocol
 * or that fetch refuses, a URL that is none. Else UNAVAILABLE.
 * @param what what could not be reached, such as `The embedding server`.
 * @param url the address tried, where it is known.
 */
export function connectionError(error: unknown, what: string, url?: string): StoreError | undefined {
  const errors = chain(error)
  const fault = setupFaults.find(({ code, message }) =>
    errors.some((each) => code?.test(codeOf(each)) === true || message?.test(each.message) === true),
  )
  if (fault === undefined && !isNetworkError(error)) return undefined
  const place = url === undefined ? '' : ` at ${plainAddress(url)}`
  const reason = `${what} could not be reached${place}: ${innerReason(error)}`
  if (fault === undefined) return new StoreError('UNAVAILABLE', reason, { cause: error })
  return new StoreError('CONFIGURATION', `${reason}: ${fault.remedy}`, { cause: error })
}
