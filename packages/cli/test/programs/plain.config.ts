import { sqlite } from '@tandemstore/sqlite'

/** Documents only. */
export default { collection: 'notes', kv: sqlite({ path: 'plain.db' }).kv }
