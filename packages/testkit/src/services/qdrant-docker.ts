/** The image that is started: the release that the adapter is tested with. */
const IMAGE = 'qdrant/qdrant:v1.18.3'
const PORT = 6333

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

/** Starts Qdrant in Docker, or says why it cannot. */
export async function startQdrantInDocker(): Promise<{ url: string; stop(): Promise<void> } | string> {
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
    .withEnvironment({ QDRANT__TELEMETRY_DISABLED: 'true' })
    .start()
  return {
    url: `http://${container.getHost()}:${container.getMappedPort(PORT)}`,
    async stop() {
      await container.stop()
    },
  }
}
