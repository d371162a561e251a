import { StoreError } from '@tandemstore/core/errors'
import { identity } from './identity.js'
import { readStaticModel, type StaticModel } from './static-model.js'

type FileSystem = typeof import('node:fs')

/** Reads the data file of this package: from the disk at once where there is a file system, else by `fetch`. */
export function loadDefaultModel(): StaticModel | Promise<StaticModel> {
  try {
    // Written like this, bundlers that copy assets find the file.
    const url = new URL('../data/static-model.bin', import.meta.url)
    const files = url.protocol === 'file:' ? fileSystem() : undefined
    return files === undefined ? fetchModel(url).catch(fail) : check(readStaticModel(files.readFileSync(url)))
  } catch (error) {
    return fail(error)
  }
}

/** Asked for at run time, as bundlers for browsers have no `node:fs` to put in its place. */
function fileSystem(): FileSystem | undefined {
  return globalThis.process?.getBuiltinModule?.('node:fs')
}

async function fetchModel(url: URL): Promise<StaticModel> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  return check(readStaticModel(new Uint8Array(await response.arrayBuffer())))
}

/** A file of another version would give vectors under a wrong name. */
function check(model: StaticModel): StaticModel {
  if (model.name === identity.name && model.revision === identity.revision) return model
  throw new Error(`it is ${model.name} ${model.revision}, and this package has ${identity.name} ${identity.revision}`)
}

function fail(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const advice = 'Where a bundler does not copy it, give its bytes: local({ data }); see the README.'
  throw new StoreError(
    'CONFIGURATION',
    `The data file of @tandemstore/embed-local cannot be read: ${reason}. ${advice}`,
    { cause },
  )
}
