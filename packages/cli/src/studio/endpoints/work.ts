import { pendingWork } from '../../source/pending-work.js'
import type { Figures, Pending, Recovered } from '../api-types.js'
import type { Endpoint } from './endpoint.js'

const SHOWN = 200

/** What the store's figures are and were. */
export const figures: Endpoint = {
  takes: [],
  run: ({ history }): Promise<Figures> => history.figures(),
}

/** What is written and not in the index, and why. */
export const pending: Endpoint = {
  takes: [],
  async run({ place }, _, signal): Promise<Pending> {
    const { waiting, failed } = await pendingWork(place, signal)
    return {
      waiting,
      failedCount: failed.length,
      failed: failed.slice(0, SHOWN).map(({ namespace, key, failure }) => ({
        namespace,
        key,
        code: failure?.code ?? '',
        message: failure?.message ?? '',
      })),
    }
  },
}

/** Tries again what had failed for good. */
export const retry: Endpoint = {
  takes: [],
  writes: true,
  run: ({ store }, _, signal): Promise<Recovered> => store.recover({ retryFailed: true, signal }),
}
