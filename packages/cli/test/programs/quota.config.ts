import { defineConfig } from '@tandemstore/cli'
import { StoreError } from '@tandemstore/core'
import { local } from '@tandemstore/embed-local'
import { sqlite } from '@tandemstore/sqlite'

const embedder = local()
let left = Number(process.env.QUOTA ?? Number.POSITIVE_INFINITY)

/** A store in the working folder whose embedder takes so many texts, and then refuses as a provider does. */
export default defineConfig({
  collection: 'notes',
  ...sqlite({ path: 'target.db' }),
  embedder: {
    ...embedder,
    async embed(texts, options) {
      left -= texts.length
      if (left < 0) throw new StoreError('RATE_LIMITED', 'The account is empty', { setup: true, retryable: false })
      return embedder.embed(texts, options)
    },
  },
  index: { fields: ['title', 'body'] },
  ttlMs: 3_600_000,
})
