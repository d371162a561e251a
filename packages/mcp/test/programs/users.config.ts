// A server of two users, each with a token and a namespace.
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder } from '@tandemstore/testkit'
import type { Authenticate, NamespaceOption } from '../../src/index.js'

export default {
  collection: 'users',
  kv: memoryKV(),
  vectors: memoryIndex(),
  embedder: fakeEmbedder(),
  index: { fields: ['text'] },
}

const users: Record<string, string> = { 'token-of-ann-123': 'ann', 'token-of-bob-123': 'bob' }

export const authenticate: Authenticate = (token) => {
  const clientId = users[token]
  return clientId === undefined ? undefined : { clientId }
}

export const namespace: NamespaceOption = ({ authInfo }) => ['users', authInfo?.clientId ?? '']
