import type { Language, SearchMode } from '@tandemstore/core'

/** Whether documents are found by words, too: `index.keywords` of the store. */
export type KeywordsSetting = boolean | { readonly language?: Language | undefined }

/** `index` of a benchmark's store. */
export function indexOf(keywords: KeywordsSetting) {
  if (keywords === false) return { fields: ['text' as const] }
  return { fields: ['text' as const], keywords }
}

/** The modes of a store's searches. */
export function modesOf(keywords: KeywordsSetting): readonly SearchMode[] {
  return keywords === false ? ['vector'] : ['vector', 'keyword', 'hybrid']
}
