/** The image that is started: Postgres with pgvector. */
const IMAGE = 'pgvector/pgvector:0.8.5-pg18'
const PORT = 5432
const PASSWORD = 'tandem'

interface Container {
  withExposedPorts(port: number): Container
  withEnvironment(environment: Record<string, string>): Container
  start(): Promise<{ getHost(): string; getMappedPort(port: number): number; stop(): Promise<unknown> }>
}

/** The part of the package testcontainers that is used; it is loaded only where it is installed. */
interface Testcontainers {
  getContainerRuntimeClient(): Promise<unknown>
  readonly GenericContainer: new (image: string) => Container
}

/** Starts Postgres in Docker, or says why it cannot. */
export async function startPostgresInDocker(): Promise<{ url: string; stop(): Promise<void> } | string> {
  let testcontainers: Testcontainers
  try {
    // A variable, so that the compiler does not ask for a package that need not be there.
    const name = 'testcontainers'
    testcontainers = await import(name)
  } catch {
    return 'the package testcontainers is not installed'
  }
  try {
    await testcontainers.getContainerRuntimeClient()
  } catch {
    return 'no docker engine answers'
  }
  const container = await new testcontainers.GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
    .start()
  return {
    url: `postgres://postgres:${PASSWORD}@${container.getHost()}:${container.getMappedPort(PORT)}/postgres`,
    async stop() {
      await container.stop()
    },
  }
}
