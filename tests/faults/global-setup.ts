import { startCassandra, startQdrant } from '@tandemstore/testkit/services'
import type { TestProject } from 'vitest/node'

/** One ScyllaDB or Cassandra and one Qdrant for all the files of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [cassandra, qdrant] = await Promise.all([startCassandra(), startQdrant()])
  if ('skipped' in cassandra) project.provide('cassandra', cassandra)
  else {
    const { contactPoints, localDataCenter, origin } = cassandra
    project.provide('cassandra', { contactPoints, localDataCenter, origin })
  }
  project.provide('qdrant', qdrant && { url: qdrant.url, apiKey: qdrant.apiKey, way: qdrant.way })
  return async () => {
    await Promise.all(['skipped' in cassandra ? undefined : cassandra.stop(), qdrant?.stop()])
  }
}
