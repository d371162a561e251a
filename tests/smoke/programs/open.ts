/** Opens a collection, writes one document and reads it. Arguments: the address, the data centre, the keyspace. */
import { deepEqual } from 'node:assert/strict'
import { scylla } from '@tandemstore/scylla'
import { rowOf, versionAt } from '../checks/rows.ts'

const [contactPoint = '', localDataCenter = '', keyspace = ''] = process.argv.slice(2)
const replication = { class: 'NetworkTopologyStrategy', [localDataCenter]: 1 }
const kv = scylla({ contactPoints: [contactPoint], localDataCenter, keyspace, replication })
const collection = await kv.open('notes')
const row = rowOf(String(process.pid), versionAt(0))
await collection.put([{ row }])
deepEqual(await collection.get([row]), [row])
await collection.close()
process.stdout.write('opened\n')
