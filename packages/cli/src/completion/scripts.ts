export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/**
 * A script that asks `tandem completion words` with what is typed, so that it fits whatever release is installed. Where
 * that knows nothing, files are offered.
 */
export function completionScript(shell: Shell): string {
  return scripts[shell]
}

const scripts: Readonly<Record<Shell, string>> = {
  bash: `_tandem() {
  local IFS=$'\\n' word
  local current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  for word in $(tandem completion words "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1); do
    COMPREPLY+=("$word")
  done
  if [ \${#COMPREPLY[@]} -eq 0 ]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -F _tandem tandem
`,
  zsh: `#compdef tandem
_tandem() {
  local -a found
  local line
  for line in "\${(@f)$(tandem completion words "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [ -n "$line" ] && found+=("\${line%%$'\\t'*}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then _describe tandem found; else _files; fi
}
if [ "\${funcstack[1]}" = _tandem ]; then _tandem "$@"; else compdef _tandem tandem; fi
`,
  fish: `function __tandem_words
    set -l typed (commandline -opc) (commandline -ct)
    tandem completion words $typed[2..-1] 2>/dev/null
end
complete -c tandem -f -n '__tandem_words >/dev/null' -a '(__tandem_words)'
`,
}
