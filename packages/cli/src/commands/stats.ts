import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { formatNamespace } from '../namespace-path.js'
import { namespace } from '../options.js'
import { bytes, count, plural, time } from '../output/format.js'
import { modelName } from '../source/choose-space.js'
import { collectFigures } from '../source/figures.js'
import { findPlace } from '../source/find-place.js'
import { pendingWork } from '../source/pending-work.js'
import { spacesOf } from '../source/spaces-of.js'

/** Failures that are told one by one. */
const SHOWN_FAILURES = 10

/** `tandem stats`. */
export function statsCommand(): Command {
  return storeCommand('stats', 'Documents, sizes, ages, vectors, what waits and what failed. Reads all documents.')
    .argument('[prefix]', 'default: everything', namespace, [])
    .action(
      action<StoreFlags, [string[]]>(async ({ flags, out, signal }, prefix) => {
        const place = await findPlace(flags)
        const figures = await collectFigures(place, prefix, signal)
        const [spaces, work] = await Promise.all([spacesOf(place, signal), pendingWork(place, signal)])
        if (out.json) {
          out.value({ collection: place.collection, prefix, ...figures, spaces, ...work })
          return undefined
        }
        const { documents, namespaces, valueBytes, withExpiry, notIndexed, oldest, newest, fileBytes } = figures
        const rows = [
          ['collection', place.collection],
          ['documents', `${count(documents)} in ${plural(namespaces, 'namespace')}`],
          ['values', bytes(valueBytes)],
          ['not indexed', count(notIndexed)],
          ['with expiry', count(withExpiry)],
          ['updated', documents === 0 ? '' : `${time(oldest)} to ${time(newest)}`],
          ...(fileBytes === undefined ? [] : [['file', bytes(fileBytes)]]),
          ...spaces.map((space) => [
            `space ${space.name}`,
            `${space.points === undefined ? '?' : count(space.points)} vectors of ${modelName(space)}${space.complete ? '' : ', not complete'}`,
          ]),
          ['index work', `${count(work.waiting)} waiting, ${count(work.failed.length)} failed`],
        ]
        out.table([place.name, ''], rows)
        for (const { namespace: of, key, failure } of work.failed.slice(0, SHOWN_FAILURES))
          out.note(`${formatNamespace(of)} ${key}: ${failure?.code}: ${failure?.message}`)
        if (work.failed.length > SHOWN_FAILURES)
          out.note(`… and ${plural(work.failed.length - SHOWN_FAILURES, 'more failure')}: --json`)
        return undefined
      }),
    )
}
