import type { Item } from '@langchain/langgraph-checkpoint'
import type { Document } from '@tandemstore/core'

/** A document as LangGraph's item, which the caller may change. */
export function toItem({ namespace, key, value, createdAt, updatedAt }: Document): Item {
  return { namespace: [...namespace], key, value, createdAt, updatedAt }
}
