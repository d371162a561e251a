import { checkOptions } from '../api/arguments.js'
import type { SignalOptions } from '../api/documents.js'
import type { SpaceInfo } from '../api/maintenance.js'
import { invalid, StoreError } from '../errors.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import { checkAborted } from '../resilience/abort.js'

/** The vector spaces of the collection, the oldest first. */
export async function listSpaces(
  { spaces }: StoreContext,
  index: IndexContext | undefined,
  options: SignalOptions = {},
): Promise<SpaceInfo[]> {
  checkOptions(options, ['signal'])
  const sorted = [...(await spaces.refresh(options))].sort(
    (a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1),
  )
  return Promise.all(
    sorted.map(async ({ name, model, dimensions, metric, complete, createdAt }) => {
      const current = name === index?.record.name
      const space = current ? index?.space : index?.others.space(name)
      // An index that does not answer is health()'s matter.
      const points = await space?.count(options).catch(() => undefined)
      return {
        name,
        model,
        ...(dimensions === undefined ? {} : { dimensions }),
        metric,
        complete,
        current,
        createdAt: new Date(createdAt),
        ...(points === undefined ? {} : { points }),
      }
    }),
  )
}

/** Drops a space that no store follows: its points, its record and its intents. */
export async function dropSpace(
  { spaces }: StoreContext,
  index: IndexContext,
  name: string,
  options: SignalOptions = {},
): Promise<void> {
  checkOptions(options, ['signal'])
  if (typeof name !== 'string') throw invalid('name', 'the name of a space, as spaces() lists it')
  checkAborted(options.signal)
  if (name === index.record.name) {
    const message = `Space ${name} is the one that this store searches; a store of another model can drop it`
    throw new StoreError('CONFLICT', message)
  }
  await spaces.refresh(options)
  if (!spaces.others.some((each) => each.name === name)) {
    const names = spaces.others.map((each) => each.name).join(', ')
    throw invalid('name', names === '' ? 'a space of another model, and there is none' : `one of ${names}`)
  }
  if (!spaces.abandoned.includes(name))
    throw new StoreError(
      'CONFLICT',
      `Another store that is open follows space ${name}: close it first; until its lease has run out it counts as open`,
      { retryable: true },
    )
  await index.others.drop(name)
}
