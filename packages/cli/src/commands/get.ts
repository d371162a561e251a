import type { DocumentPart } from '@tandemstore/core'
import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { formatNamespace } from '../namespace-path.js'
import { namespace } from '../options.js'
import { time } from '../output/format.js'
import type { Output } from '../output/output.js'
import { clean } from '../output/table.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'

interface GetFlags extends StoreFlags {
  readonly parts?: boolean
}

/** `tandem get`. */
export function getCommand(): Command {
  return storeCommand('get', 'One document. Ends with 3 if there is none.')
    .argument('<namespace>', 'such as users/42', namespace)
    .argument('<key>')
    .option('--parts', 'also the texts that it is found by')
    .action(
      action<GetFlags, [string[], string]>(async ({ flags, out, signal }, of, key) => {
        await using opened = await openStore(await findPlace(flags), { flags, index: flags.parts ? 'model' : 'none' })
        const { store } = opened
        const document = await store.get(of, key, { signal })
        if (document === undefined) {
          out.note(`There is no document ${key} in ${formatNamespace(of)}.`)
          return exitCodes.not
        }
        const [parts] = flags.parts ? await store.parts([document], { signal }) : []
        if (out.json) {
          out.value({ ...document, ...(parts === undefined ? {} : { parts }) })
          return undefined
        }
        const { version, createdAt, updatedAt, expiresAt } = document
        out.line(out.style('bold', clean(`${formatNamespace(of)} ${key}`)))
        const times = [`created ${time(createdAt)}`, `updated ${time(updatedAt)}`]
        if (expiresAt !== undefined) times.push(`expires ${time(expiresAt)}`)
        out.line(out.style('dim', `${times.join(', ')}, version ${version}`))
        out.line(JSON.stringify(document.value, undefined, 2).replaceAll(/[\u007f-\u009f]/g, ' '))
        if (parts !== undefined) showParts(out, parts)
        return undefined
      }),
    )
}

function showParts(out: Output, parts: readonly DocumentPart[]): void {
  out.line()
  if (parts.length === 0) out.line('It has no text that it is found by.')
  else
    out.table(
      ['field', 'part', 'state', 'text'],
      parts.map(({ field, part, state, text }) => [field, String(part), state, text]),
    )
}
