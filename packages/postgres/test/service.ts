import { type PostgresService, startPostgres } from '@tandemstore/testkit/services'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent: no Postgres could be found or started. */
    postgres: Pick<PostgresService, 'url' | 'way'> | undefined
  }
}

/** One Postgres for all test files of a run. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const service = await startPostgres()
  project.provide('postgres', service && { url: service.url, way: service.way })
  return service?.stop
}
