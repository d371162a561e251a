import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

/** What the folder depends on; another one in tests. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/**
 * Tandem's folder among a user's data: `tandem` in `$XDG_DATA_HOME` or ~/.local/share, in ~/Library/Application Support
 * on macOS, in %LOCALAPPDATA% on Windows.
 */
export function dataFolder(
  { platform, env, home }: Machine = { platform: process.platform, env: process.env, home: homedir() },
): string {
  if (platform === 'win32') return win32.join(env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), 'tandem')
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'tandem')
  // The specification has relative paths ignored.
  const { XDG_DATA_HOME: given } = env
  const data = given !== undefined && posix.isAbsolute(given) ? given : posix.join(home, '.local', 'share')
  return posix.join(data, 'tandem')
}
