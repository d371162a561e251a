import { createStore } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** As docs/search.md lists them: a text, and what it is found by. */
const rows: readonly (readonly [text: string, queries: readonly string[]])[] = [
  ['我们在北京大学学习计算机科学', ['大学']],
  ['東京都の天気予報をお知らせします', ['天気']],
  ['データベースを検索する', ['データベース']],
  ['서울에서 맛있는 김치를 먹었습니다', ['김치']],
  ['ฉันชอบกินข้าวผัดที่กรุงเทพ', ['กรุงเทพ']],
  ['الكِتَابُ عَلَى الطَّاوِلَة', ['الكتاب']],
  ['שָׁלוֹם עוֹלָם', ['שלום']],
  ['मुझे हिंदी पसंद है', ['हिंदी']],
  ['Ёлка стоит в лесу', ['елка']],
  ['Die Straße ist gesperrt', ['STRASSE']],
  ['Die Donaudampfschifffahrtsgesellschaft fährt', ['Donaudampfschifffahrtsgesellschaft']],
  ['Un café très serré', ['cafe']],
  ['ＡＢＣ１２３', ['abc123']],
  ['Shipped 🚀 today', ['🚀']],
  ['failed with ERR_1042', ['err_1042', '1042']],
  ['call getUserName()', ['user name']],
  ['npm i @scope/pkg', ['@scope/pkg', 'pkg']],
  ['host 10.0.0.1 is down', ['10.0.0.1']],
  ['written in C++', ['c++']],
  ['mail to jane.doe@example.com', ['jane.doe@example.com', 'jane']],
]

const options = { collection: 'languages', index: { fields: ['text'], keywords: true } } as const
let store: Awaited<ReturnType<typeof createStore>>

beforeAll(async () => {
  store = await createStore({ ...options, kv: memoryKV(), vectors: memoryIndex() })
  const documents = rows.map(([text]) => ({ namespace: ['a'], key: text, value: { text } }))
  await store.putMany(documents, { sync: 'wait' })
})
afterAll(async () => {
  await store.close()
})

test.each(rows)('%s is found by %j, before all others', async (text, queries) => {
  for (const query of queries) {
    const [hit] = await store.search(['a'], { query })
    expect(hit?.document.key).toBe(text)
    expect(hit?.matched?.text).toBe(text)
  }
})
