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
  ['write failure', new errors.ResponseError(codes.writeFailure, 'x'), 'KV_FAILED', false, false],
  ['invalid', new errors.ResponseError(codes.invalid, 'Key length'), 'KV_FAILED', false, true],
  ['no table', new errors.ResponseError(codes.invalid, 'unconfigured table t'), 'CONFIGURATION', false, true],
  ['may not', new errors.ResponseError(codes.unauthorized, 'x'), 'AUTHENTICATION', false, true],
  ['server error', new errors.ResponseError(codes.serverError, 'x'), 'KV_FAILED', false, false],
  ['client time-out', new errors.OperationTimedOutError('x', 'h'), 'TIMEOUT', true, false],
  ['busy', new errors.BusyConnectionError('h', 1, 1), 'RATE_LIMITED', true, true],
  ['broken connection', socketError(false), 'UNAVAILABLE', true, false],
  ['broken before it was sent', socketError(true), 'UNAVAILABLE', true, true],
  ['no host', new errors.NoHostAvailableError({ h: new Error('refused') }), 'UNAVAILABLE', true, true],
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

test('a StoreError stays itself', () => {
  const error = new StoreError('CLOSED', 'x')
  expect(toScyllaError(error, 'do it')).toBe(error)
  expect(isNotWritten(error)).toBe(false)
})
