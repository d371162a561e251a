import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KVCollection, StoreError } from '@tandemstore/core/adapter'
import { type CassandraService, startCassandra } from '@tandemstore/testkit/services'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ScyllaConnection, scylla } from '../../src/index.js'
import { connectionTo } from '../database.js'

const folder = mkdtempSync(join(tmpdir(), 'tandem-tls-'))
const keystore = join(folder, 'node.p12')
const password = 'for-tests-only'

/** A key and a certificate for 127.0.0.1, signed by itself, as files for the node and the client. */
function makeCertificate(): string {
  const common = ['-alias', 'node', '-keystore', keystore, '-storepass', password]
  const name = ['-dname', 'CN=127.0.0.1', '-ext', 'SAN=ip:127.0.0.1']
  execFileSync('keytool', ['-genkeypair', '-keyalg', 'RSA', '-storetype', 'PKCS12', ...name, ...common], {
    stdio: 'pipe',
  })
  execFileSync('keytool', ['-exportcert', '-rfc', '-file', join(folder, 'ca.pem'), ...common], { stdio: 'pipe' })
  return readFileSync(join(folder, 'ca.pem'), 'utf8')
}

describe('authentication and TLS', () => {
  let service: CassandraService | undefined
  let certificate = ''
  beforeAll(async () => {
    certificate = makeCertificate()
    const found = await startCassandra({
      config: {
        authenticator: 'PasswordAuthenticator',
        authorizer: 'CassandraAuthorizer',
        client_encryption_options: `{ enabled: true, optional: false, keystore: '${keystore}', keystore_password: '${password}' }`,
      },
    })
    if ('skipped' in found) throw new Error(found.skipped)
    service = found
  })
  afterAll(async () => {
    await service?.stop()
    rmSync(folder, { recursive: true })
  })

  const right = { username: 'cassandra', password: 'cassandra' }
  const open = (options: Partial<ScyllaConnection>): Promise<KVCollection> => {
    const replication = { class: 'SimpleStrategy', replication_factor: 1 }
    const connection = connectionTo(service as CassandraService)
    const sslOptions = { ca: [certificate], rejectUnauthorized: true }
    return scylla({ ...connection, keyspace: 'guarded', replication, sslOptions, ...options }).open('notes')
  }
  const failureOf = async (options: Partial<ScyllaConnection>): Promise<unknown> => {
    const error = await open(options).catch((thrown: unknown) => thrown)
    return StoreError.isInstance(error) ? error.code : error
  }

  test('who gives no or wrong credentials gets AUTHENTICATION, the right ones open', async () => {
    // The first role is made by the database a moment after it takes clients.
    const collection = await vi.waitFor(() => open({ credentials: right }), { timeout: 60_000, interval: 500 })
    await collection.ping()
    await collection.close()
    expect(await failureOf({})).toBe('AUTHENTICATION')
    expect(await failureOf({ credentials: { ...right, password: 'wrong' } })).toBe('AUTHENTICATION')
    expect(await failureOf({ credentials: { username: 'nobody', password: 'x' } })).toBe('AUTHENTICATION')
  })

  test('a certificate that is not trusted ends the connection: CONFIGURATION, and says why', async () => {
    const opening = open({ credentials: right, sslOptions: { rejectUnauthorized: true } })
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(/self-signed/i),
    })
  })
})
