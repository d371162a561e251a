import { expect, it } from 'vitest'
import { identityOf } from '../../src/store/open-store.js'
import { hostsOf, settingsOf } from '../../src/store/scylla-qdrant.js'

const env = {
  TANDEM_SCYLLA: 'a:9042',
  TANDEM_SCYLLA_USER: 'bench',
  TANDEM_SCYLLA_PASSWORD: 'secret',
  TANDEM_QDRANT_URL: 'http://q:6333',
}

it('takes from the environment what options do not say', () => {
  expect(settingsOf({ qdrantUrl: 'http://other:6333', keyspace: 'mine' }, env)).toEqual({
    contactPoints: 'a:9042',
    localDataCenter: 'datacenter1',
    keyspace: 'mine',
    credentials: { username: 'bench', password: 'secret' },
    url: 'http://other:6333',
    apiKey: undefined,
  })
  expect(settingsOf({}, {}).credentials).toBeUndefined()
})

it('reads hosts with spaces between', () => {
  expect(hostsOf(' a:9042, b:9042 ,c,')).toEqual(['a:9042', 'b:9042', 'c'])
})

it('tells places apart without keys', () => {
  const place = { kind: 'scylla-qdrant', collection: 'c', scylla: 'a', qdrantUrl: 'u', qdrantApiKey: 'secret' } as const
  expect(identityOf(place)).not.toEqual(identityOf({ ...place, scylla: 'b' }))
  expect(identityOf(place)).not.toEqual(identityOf({ ...place, qdrantUrl: 'v' }))
  expect(JSON.stringify(identityOf(place))).not.toContain('secret')
  expect(identityOf({ kind: 'memory', collection: 'c' })).not.toEqual(identityOf({ kind: 'memory', collection: 'd' }))
})
