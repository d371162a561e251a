import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, run } from './process.js'

/** The releases of Apache Cassandra that the tests can run on, by their line. */
export const CASSANDRA_RELEASES = { '4.1': '4.1.10', '5.0': '5.0.9' } as const

export type CassandraLine = keyof typeof CASSANDRA_RELEASES

const pom = (release: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tandemstore</groupId>
  <artifactId>cassandra-for-tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.cassandra</groupId>
      <artifactId>cassandra-all</artifactId>
      <version>${release}</version>
    </dependency>
  </dependencies>
</project>
`

/** Why Cassandra cannot be started from Maven Central on this machine. */
export class NotAvailable extends Error {}

/** The `java` to start Cassandra with: 17, on which both lines run and later ones of which neither takes. */
export async function findJava(): Promise<string> {
  const command = process.env.JAVA_HOME === undefined ? 'java' : join(process.env.JAVA_HOME, 'bin', 'java')
  const { code, output } = await run(command, ['-version'])
  if (code === -1) throw new NotAvailable(`no Java: install Java 17, or set JAVA_HOME (${output})`)
  const major = /version "(\d+)/.exec(output)?.[1]
  if (major !== '17') throw new NotAvailable(`Java 17 is needed and ${command} is ${major}: set JAVA_HOME`)
  return command
}

/** The folder with Cassandra and all it depends on, copied from Maven Central (70 MB) the first time. */
export async function findJars(release: string): Promise<string> {
  const versions = join(cacheFolder(), 'cassandra', 'lib')
  const folder = join(versions, release)
  if (await hasJar(folder, release)) return folder
  // Whoever runs at the same time copies into a folder of its own, so that what has the final name is always whole.
  const mine = join(versions, `.copying-${process.pid}-${Date.now()}`)
  await mkdir(mine, { recursive: true })
  try {
    await writeFile(join(mine, 'pom.xml'), pom(release))
    const args = ['-B', '-q', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib']
    const { code, output } = await run('mvn', args, { cwd: mine, timeoutMs: 300_000 })
    if (code === -1) throw new NotAvailable(`no Maven: install mvn (${output})`)
    if (code !== 0) throw new NotAvailable(`Maven could not copy cassandra-all ${release}: ${output}`)
    await rename(join(mine, 'lib'), folder).catch(async (error: unknown) => {
      if (!(await hasJar(folder, release))) throw error
    })
  } finally {
    await rm(mine, { recursive: true, force: true })
  }
  return folder
}

async function hasJar(folder: string, release: string): Promise<boolean> {
  const files = await readdir(folder).catch((): string[] => [])
  return files.includes(`cassandra-all-${release}.jar`)
}
