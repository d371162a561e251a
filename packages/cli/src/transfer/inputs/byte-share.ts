import { createReadStream, type ReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** A file, or standard input, and how much of it was read. */
export interface ByteSource {
  open(): ReadStream | NodeJS.ReadStream
  share(): number | undefined
  identity(): Promise<string | undefined>
}

export async function byteSource(path: string | undefined): Promise<ByteSource> {
  if (path === undefined) return { open: () => process.stdin, share: () => undefined, identity: async () => undefined }
  const { size, mtimeMs } = await stat(path)
  let current: ReadStream | undefined
  return {
    open() {
      current = createReadStream(path)
      return current
    },
    share: () => (current === undefined || size === 0 ? undefined : current.bytesRead / size),
    identity: async () => `${size} ${mtimeMs}`,
  }
}
