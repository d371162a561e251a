import { StoreError } from '@tandemstore/core'

/** Imports a package that only some runs need. CONFIGURATION, with what to install, where it is not there. */
export async function importOptional<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new StoreError('CONFIGURATION', `This needs the package ${name}: npm install ${name}`, { cause })
  }
}

/** A setting without which nothing can be done. */
export function needed(value: string | undefined, flag: string, variable: string): string {
  if (value !== undefined && value !== '') return value
  throw new StoreError('CONFIGURATION', `Say where the database is: ${flag} or the environment variable ${variable}`)
}
