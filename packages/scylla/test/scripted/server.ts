import { type CqlServer, type CqlServerOptions, startCqlServer } from '@tandemstore/testkit/services'
import { onTestFinished } from 'vitest'
import { type ScyllaConnection, type ScyllaSettings, scylla } from '../../src/index.js'

export const replication = { class: 'NetworkTopologyStrategy', datacenter1: 1 }

/** A scripted server for one test. By default it is ScyllaDB 2026.1.5. */
export async function startServer(options: CqlServerOptions = { scylla: '2026.1.5' }): Promise<CqlServer> {
  const server = await startCqlServer(options)
  onTestFinished(() => server.stop())
  return server
}

export function backend(
  { contactPoints, localDataCenter }: CqlServer,
  options: Partial<ScyllaSettings & ScyllaConnection> = {},
): ReturnType<typeof scylla> {
  return scylla({ contactPoints, localDataCenter, keyspace: 'app', replication, ...options })
}

/** A collection on it, with one bucket. */
export async function openOn(server: CqlServer, options: Partial<ScyllaSettings & ScyllaConnection> = {}) {
  const collection = await backend(server, { buckets: 1, ...options }).open('notes')
  onTestFinished(() => collection.close())
  return collection
}

export function statementsOf({ requests }: CqlServer, pattern: RegExp): string[] {
  return requests
    .flatMap(({ statements }) => statements.map(({ query }) => query))
    .filter((query) => pattern.test(query))
}
