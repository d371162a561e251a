import { createHash, timingSafeEqual } from 'node:crypto'
import {
  type AuthInfo,
  bearerAuthChallengeResponse,
  OAuthError,
  OAuthErrorCode,
  verifyBearerToken,
} from '@modelcontextprotocol/server'
import type { MaybePromise } from '@tandemstore/core/adapter'

/** Who a bearer token belongs to. */
export interface AuthenticatedUser {
  /** Names the user, or the client that acts for one. */
  readonly clientId: string
  readonly scopes?: readonly string[] | undefined
  /** Seconds since 1970. Default: the token is asked for at every request, so it may end at any time. */
  readonly expiresAt?: number | undefined
  /** Whatever `namespace` needs to know. */
  readonly extra?: Record<string, unknown> | undefined
}

/** Gives the user of a bearer token, `undefined` for a token that is not valid. */
export type Authenticate = (token: string) => MaybePromise<AuthenticatedUser | undefined>

/** Accepts one token. */
export function oneToken(expected: string): Authenticate {
  const digest = digestOf(expected)
  return (token) => (timingSafeEqual(digestOf(token), digest) ? { clientId: 'token' } : undefined)
}

/** Of equal length, whatever the token's. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** The user of an Authorization header, or the answer that refuses it. */
export async function authenticated(
  header: string | undefined,
  authenticate: Authenticate,
  report: (error: unknown) => void,
): Promise<AuthInfo | Response> {
  const verifyAccessToken = async (token: string): Promise<AuthInfo> => {
    const user = await authenticate(token)
    if (user === undefined) throw new OAuthError(OAuthErrorCode.InvalidToken, 'The token is not valid')
    const { clientId, scopes = [], expiresAt = Date.now() / 1000 + 60, extra } = user
    return { token, clientId, scopes: [...scopes], expiresAt, ...(extra === undefined ? {} : { extra }) }
  }
  try {
    return await verifyBearerToken(header, { verifier: { verifyAccessToken } })
  } catch (error) {
    if (!(error instanceof OAuthError)) report(error)
    return bearerAuthChallengeResponse(error)
  }
}
