import { sqlite } from '@tandemstore/sqlite'

/** Documents that are found by words alone. */
export default {
  collection: 'notes',
  ...sqlite({ path: 'words.db' }),
  index: { fields: ['title', 'body'], keywords: true },
}
