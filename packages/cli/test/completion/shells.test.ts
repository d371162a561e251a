import { spawnSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, run, temporaryFolder } from '../run.js'

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

/** What a shell offers in the place of the last word, by its own machinery. */
const asking: Readonly<Record<string, (words: readonly string[]) => string[]>> = {
  bash: (words) => [
    '-c',
    `source <(tandem completion bash); COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _tandem; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  // The function with which a completion is shown is replaced by one that prints.
  zsh: (words) => [
    '-f',
    '-c',
    `compdef() { :; }; _describe() { print -l -- "\${(@)\${(P)2}%%:*}"; }; _files() { print FILES; }; source <(tandem completion zsh); words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=\${#words}; _tandem`,
  ],
  fish: (words) => [
    '--no-config',
    '-c',
    `tandem completion fish | source; complete -C '${words.join(' ')}' | string split -f1 \\t`,
  ],
}

for (const [shell, args] of Object.entries(asking)) {
  const skipped = isThere(shell) ? '' : `: NO ${shell.toUpperCase()}, SKIPPED. Install ${shell} to run it`
  describe.skipIf(skipped !== '')(`completion in ${shell}${skipped}`, () => {
    test('offers commands, flags and choices', async () => {
      const folder = await temporaryFolder()
      await mkdir(join(folder, 'bin'))
      await writeFile(join(folder, 'bin/tandem'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`)
      await chmod(join(folder, 'bin/tandem'), 0o755)
      const offers = (...words: string[]): string[] => {
        const PATH = `${join(folder, 'bin')}${delimiter}${process.env.PATH}`
        const { stdout, stderr } = spawnSync(shell, args(words), {
          cwd: folder,
          env: { ...process.env, PATH },
          encoding: 'utf8',
        })
        expect(stderr).toBe('')
        return stdout.split('\n').filter((line) => line !== '')
      }
      expect(offers('tandem', 'ex')).toEqual(['export'])
      expect(offers('tandem', 's').sort()).toEqual(['search', 'spaces', 'stats', 'studio'])
      expect(offers('tandem', 'verify', '--re')).toEqual(['--repair'])
      expect(offers('tandem', 'import', 'x', '--format', 'c')).toEqual(['csv'])
      expect(offers('tandem', 'completion', 'b')).toEqual(['bash'])
    })
  })
}

describe('what is offered', () => {
  const words = async (...typed: string[]): Promise<string[]> => {
    const { stdout } = await run(['completion', 'words', ...typed], { folder: '.' })
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t')[0] as string)
  }

  test('no flag twice, but those that may be repeated; nothing where only the user can know', async () => {
    expect(await words('count', '--db', 'x', '--d')).toEqual(['--data-center'])
    expect(await words('count', '--field', 'x', '--fi')).toEqual(['--field', '--filter'])
    expect(await words('get', '')).toEqual([])
    expect(await words('count', '--db', '')).toEqual([])
    expect(await words('nope', '')).toEqual([])
    expect(await words('')).toContain('import')
  })
})
