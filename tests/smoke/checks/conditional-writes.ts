import { deepEqual, equal } from 'node:assert/strict'
import type { Check } from '../target.ts'
import { rowOf, versionAt } from './rows.ts'

const CHAIN = 50

export const conditionalWrites: readonly Check[] = [
  {
    name: 'put if absent, twice: the second is a conflict',
    async run(_target, { open }) {
      const collection = await open()
      try {
        const condition = { kind: 'absent', now: Date.now() } as const
        const first = rowOf('k', versionAt(0), '{"n":1}')
        const outcomes = [
          ...(await collection.put([{ row: first, condition }])),
          ...(await collection.put([{ row: rowOf('k', versionAt(1)), condition }])),
        ]
        deepEqual(
          outcomes.map(({ status }) => status),
          ['written', 'conflict'],
        )
        deepEqual(await collection.get([first]), [first])
      } finally {
        await collection.close()
      }
      return undefined
    },
  },
  {
    name: `a chain of ${CHAIN} conditional puts, and a touch at the end`,
    async run(_target, { open }) {
      const collection = await open()
      try {
        const expiresAt = Date.now() + 3_600_000
        let row = { ...rowOf('k', versionAt(0), '0'), expiresAt }
        await collection.put([{ row }])
        for (let n = 1; n <= CHAIN; n += 1) {
          const next = { ...rowOf('k', versionAt(0), String(n)), expiresAt }
          const condition = { kind: 'version', version: row.version, now: Date.now() } as const
          const [outcome] = await collection.put([{ row: next, condition }])
          equal(outcome?.status, 'written', `put ${n}`)
          row = next
        }
        const later = expiresAt + 60_000
        const [touched] = await collection.touch([
          { namespace: ['n'], key: 'k', version: row.version, expiresAt: later },
        ])
        deepEqual(touched, { ...row, expiresAt: later })
      } finally {
        await collection.close()
      }
      return undefined
    },
  },
  {
    name: 'a claim that a crash left behind is settled by the next reader',
    async run({ client }, { name, open }) {
      const collection = await open({ buckets: 1 })
      try {
        const version = versionAt(0)
        const [micros, writer] = version.split('-') as [string, string]
        const head = JSON.stringify({ micros: Number(micros), createdAt: 1, updatedAt: 2 })
        const claim = `${writer} ${'-'.repeat(16)} ${head}\n{"claimed":true}`
        const documents = `"${name}".notes_documents`
        const update = `UPDATE ${documents} SET claim = ? WHERE namespace = ? AND bucket = 0 AND key = 'k' IF claim = null`
        const { rows } = await client.execute(update, [claim, 'n\0'], { prepare: true })
        equal(rows[0]?.['[applied]'], true)
        deepEqual(await collection.get([{ namespace: ['n'], key: 'k' }]), [rowOf('k', version, '{"claimed":true}')])
        const query = `SELECT claim, document FROM ${documents} WHERE namespace = ? AND bucket = 0 AND key = 'k'`
        const { rows: settled } = await client.execute(query, ['n\0'], { prepare: true })
        equal(settled[0]?.claim, null)
        equal(settled[0]?.document, claim)
      } finally {
        await collection.close()
      }
      return undefined
    },
  },
]
