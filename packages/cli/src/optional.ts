import { wrongUsage } from './exit-codes.js'

/** Imports a package that only some stores need; says what to install where it is not there. */
export async function importOptional<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw wrongUsage(`This needs the package ${name}: npm install ${name}`, cause)
  }
}
