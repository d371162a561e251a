import { run } from './process.js'

/** The ScyllaDB release that the tests run on where there is Docker: the newest of the long-term line. */
export const SCYLLA_IMAGE = 'scylladb/scylla:2026.1.5'

/** What is used of testcontainers. It is loaded only where a Docker engine answers, so it need not be installed. */
interface Testcontainers {
  readonly GenericContainer: new (image: string) => Container
  readonly Wait: { forLogMessage(message: RegExp): unknown }
}

interface Container {
  withExposedPorts(...ports: number[]): Container
  withCommand(command: string[]): Container
  withWaitStrategy(strategy: unknown): Container
  withStartupTimeout(milliseconds: number): Container
  start(): Promise<{ getHost(): string; getMappedPort(port: number): number; stop(): Promise<unknown> }>
}

/** Starts ScyllaDB in a container. Gives the reason where that is not possible here. */
export async function startScyllaContainer(): Promise<
  { readonly contactPoint: string; stop(): Promise<void> } | { readonly reason: string }
> {
  const engine = await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: 5000 })
  if (engine.code !== 0) return { reason: 'no Docker engine answers' }
  // Not a literal: the package is the user's to install, and this module has to load without it.
  const name = 'testcontainers'
  let testcontainers: Testcontainers
  try {
    testcontainers = (await import(name)) as Testcontainers
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    return { reason: 'the package testcontainers is not installed' }
  }
  const container = await new testcontainers.GenericContainer(SCYLLA_IMAGE)
    .withExposedPorts(9042)
    .withCommand([
      '--smp=1',
      '--memory=1G',
      '--overprovisioned=1',
      '--developer-mode=1',
      // The default takes so many of the kernel's requests that a second node on the machine gets none.
      '--max-networking-io-control-blocks=1000',
    ])
    .withWaitStrategy(testcontainers.Wait.forLogMessage(/Starting listening for CQL clients/))
    .withStartupTimeout(180_000)
    .start()
  return {
    contactPoint: `${container.getHost()}:${container.getMappedPort(9042)}`,
    async stop() {
      await container.stop()
    },
  }
}
