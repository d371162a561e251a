import { local } from '@tandemstore/embed-local'
import { sqlite } from '@tandemstore/sqlite'

const { model, dimensions, limits, countTokens } = local()

/** A store of the same model in the working folder, which cannot embed. */
export default {
  collection: 'notes',
  ...sqlite({ path: 'target.db' }),
  embedder: {
    model,
    dimensions,
    limits,
    countTokens,
    embed() {
      throw new Error('A text was to be embedded')
    },
  },
  index: { fields: ['title', 'body'] },
}
