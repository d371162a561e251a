import type { VectorIndex } from '@tandemstore/core/adapter'
import type { Connection } from '../connection.js'
export function createVectorIndex(_connection: Connection, _schema: string): VectorIndex {
  throw new Error('todo')
}
