import type { ComponentHealth, Health } from '@tandemstore/core'
import type { Command } from 'commander'
import { action, type StoreFlags, storeCommand } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { count, plural } from '../output/format.js'
import { findPlace } from '../source/find-place.js'
import { openStore } from '../source/open-store.js'
import { pendingWork } from '../source/pending-work.js'
import type { Place } from '../source/place.js'
import { withCollection } from '../source/rows.js'

/** `tandem health`. */
export function healthCommand(): Command {
  return storeCommand(
    'health',
    'Whether both databases answer, and what waits. Ends with 3 if not all is well.',
  ).action(
    action<StoreFlags, []>(async ({ flags, out, signal }) => {
      const place = await findPlace(flags)
      await using opened = await openStore(place, { flags, index: await indexOf(place) })
      const health = await opened.store.health({ signal })
      const { waiting, failed } = await pendingWork(place, signal)
      const ok = health.ok && failed.length === 0
      if (out.json) out.value({ ...health, ok, waiting, failed: failed.length })
      else {
        const mark = (good: boolean) => (good ? out.style('green', 'ok') : out.style('red', 'not ok'))
        out.table(
          ['what', 'state', 'about'],
          [
            ...rowsOf(health, mark),
            ['index work', mark(failed.length === 0), `${count(waiting)} waiting, ${count(failed.length)} failed`],
          ],
        )
        if (failed.length > 0) out.note(`${plural(failed.length, 'document')} cannot be found: tandem stats says why.`)
      }
      return ok ? undefined : exitCodes.not
    }),
  )
}

async function indexOf(place: Place): Promise<'none' | 'space'> {
  if (place.configured !== undefined) return place.configured.vectors === undefined ? 'none' : 'space'
  if (place.vectors === undefined) return 'none'
  return (await withCollection(place, (kv) => kv.spaces())).length > 0 ? 'space' : 'none'
}

function rowsOf({ kv, vectors, space }: Health, mark: (good: boolean) => string): string[][] {
  const row = (name: string, { ok, latencyMs, error }: ComponentHealth): string[] => [
    name,
    mark(ok),
    error === undefined ? `${latencyMs.toFixed(1)} ms` : error.message,
  ]
  return [
    row('documents', kv),
    ...(vectors === undefined ? [] : [row('vectors', vectors)]),
    ...(space === undefined
      ? []
      : [
          [
            'space',
            mark(space.complete),
            `${space.name}, ${plural(space.points ?? 0, 'vector')}${space.complete ? '' : ', not complete: tandem verify --repair'}`,
          ],
        ]),
  ]
}
