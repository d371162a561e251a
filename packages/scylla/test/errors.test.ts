import { StoreError } from '@tandemstore/core/adapter'
import { errors, types } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { isNotWritten, toScyllaError } from '../src/errors.js'

const { responseErrorCodes: codes } = types
const socketError = (requestNotWritten: boolean) =>
  Object.assign(new Error('Socket was closed'), { isSocketError: true, requestNotWritten })

const cases: [name: string, error: Error, code: string, retryable: boolean, notWritten: boolean][] = [
  ['too few replicas', new errors.ResponseError(codes.unavailableException, 'x'), 'UNAVAILABLE', true, true],
  ['overloaded', new errors.ResponseError(codes.overloaded, 'x'), 'RATE_LIMITED', true, false],
  ['starting', new errors.ResponseError(codes.isBootstrapping, 'x'), 'UNAVAILABLE', true, true],
  ['write time-out', new errors.ResponseError(codes.writeTimeout, 'x'), 'TIMEOUT', true, false],
  ['read time-out', new errors.ResponseError(codes.readTimeout, 'x'), 'TIMEOUT', true, false],
  ['write failure', new errors.ResponseError(codes.writeFailure, 'x'), 'KV_FAILED', true, false],
  ['read failure', new errors.ResponseError(codes.readFailure, 'x'), 'KV_FAILED', true, false],
  ['rate limit', new errors.ResponseError(codes.configError, 'rate limit reached for'), 'RATE_LIMITED', true, false],
  ['refused option', new errors.ResponseError(codes.configError, 'Unknown property'), 'CONFIGURATION', false, true],
  [
    'no table, in Cassandra 5',
    new errors.ResponseError(codes.invalid, 'table x does not exist'),
    'CONFIGURATION',
    false,
    true,
  ],
  ['invalid', new errors.ResponseError(codes.invalid, 'Key length'), 'KV_FAILED', false, true],
  ['no table', new errors.ResponseError(codes.invalid, 'unconfigured table t'), 'CONFIGURATION', false, true],
  ['may not', new errors.ResponseError(codes.unauthorized, 'x'), 'AUTHENTICATION', false, true],
  ['server error', new errors.ResponseError(codes.serverError, 'x'), 'KV_FAILED', true, false],
  ['client time-out', new errors.OperationTimedOutError('x', 'h'), 'TIMEOUT', true, false],
  ['busy', new errors.BusyConnectionError('h', 1, 1), 'RATE_LIMITED', true, true],
  ['broken connection', socketError(false), 'UNAVAILABLE', true, false],
  ['broken before it was sent', socketError(true), 'UNAVAILABLE', true, true],
  ['no host', new errors.NoHostAvailableError({ h: new Error('refused') }), 'UNAVAILABLE', true, true],
  ['bad port', Object.assign(new RangeError('Port'), { code: 'ERR_SOCKET_BAD_PORT' }), 'CONFIGURATION', false, true],
  [
    'a certificate that is not trusted',
    new errors.NoHostAvailableError({ h: Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }) }),
    'CONFIGURATION',
    false,
    true,
  ],
  [
    'no credentials',
    new errors.NoHostAvailableError({ h: new errors.AuthenticationError('x') }),
    'AUTHENTICATION',
    false,
    true,
  ],
]

test.each(cases)('%s', (_name, error, code, retryable, notWritten) => {
  const made = toScyllaError(error, 'do it')
  expect(made).toMatchObject({ code, retryable, cause: error })
  expect(made.message).toContain('could not do it')
  expect(isNotWritten(made)).toBe(notWritten)
})

test('a connection that breaks names the node and the inner reason', () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  const error = Object.assign(socketError(false), { innerError: reset, coordinator: '10.0.0.1:9042' })
  const { message } = toScyllaError(error, 'write')
  expect(message).toContain('Socket was closed (read ECONNRESET) [10.0.0.1:9042]')
})

test('too few replicas are certain for a conditional write only at the levels that decide', () => {
  const at = (consistencies: number) =>
    Object.assign(new errors.ResponseError(codes.unavailableException, 'x'), { consistencies })
  const made = (consistencies: number) => toScyllaError(at(consistencies), 'write', { conditional: true })
  const { serial, localSerial, localQuorum } = types.consistencies
  for (const level of [serial, localSerial]) {
    expect(made(level)).toMatchObject({ code: 'UNAVAILABLE' })
    expect(isNotWritten(made(level))).toBe(true)
  }
  expect(made(localQuorum)).toMatchObject({ code: 'TIMEOUT', retryable: true })
  expect(isNotWritten(made(localQuorum))).toBe(false)
  expect(isNotWritten(toScyllaError(at(localQuorum), 'write'))).toBe(true)
})

test('a StoreError stays itself', () => {
  const error = new StoreError('CLOSED', 'x')
  expect(toScyllaError(error, 'do it')).toBe(error)
  expect(isNotWritten(error)).toBe(false)
})
