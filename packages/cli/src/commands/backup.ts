import { backupSqlite } from '@tandemstore/sqlite'
import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { wrongUsage } from '../exit-codes.js'
import { bytes } from '../output/format.js'

/** `tandem backup`. */
export function backupCommand(): Command {
  return storeCommand('backup', 'Copies a SQLite file as it is at one moment, while others may write to it.')
    .argument('<target>', 'the file to make')
    .action(
      action<StoreFlags, [string]>(async ({ flags, out }, to) => {
        const { db = process.env.TANDEM_DB } = flags
        if (!db)
          throw wrongUsage(
            'Say which SQLite file to copy: --db. Other databases have tools of their own, and tandem export',
          )
        const { bytes: size } = await backupSqlite({ path: db, to })
        if (out.json) out.value({ file: to, bytes: size })
        else out.line(`Copied ${db} to ${to}, ${bytes(size)}.`)
        return undefined
      }),
    )
}
