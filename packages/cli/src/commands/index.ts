import type { Command } from 'commander'
import { backupCommand } from './backup.js'
import { completionCommand } from './completion.js'
import { countCommand } from './count.js'
import { deleteCommand } from './delete.js'
import { dropSpaceCommand } from './drop-space.js'
import { exportCommand } from './export.js'
import { getCommand } from './get.js'
import { healthCommand } from './health.js'
import { importCommand } from './import.js'
import { listCommand } from './ls.js'
import { mcpCommand } from './mcp.js'
import { recoverCommand } from './recover.js'
import { searchCommand } from './search.js'
import { spacesCommand } from './spaces.js'
import { statsCommand } from './stats.js'
import { studioCommand } from './studio.js'
import { verifyCommand } from './verify.js'

/** Every command, in the order of the help. A new one is a file here and a line in this list. */
export const commands: readonly ((program: Command) => Command)[] = [
  listCommand,
  getCommand,
  searchCommand,
  countCommand,
  statsCommand,
  healthCommand,
  verifyCommand,
  recoverCommand,
  spacesCommand,
  dropSpaceCommand,
  deleteCommand,
  exportCommand,
  importCommand,
  backupCommand,
  studioCommand,
  mcpCommand,
  completionCommand,
]
