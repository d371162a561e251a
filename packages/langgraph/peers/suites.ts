/** A suite of the public repository of LangGraph.js, and which of its tests ask for more than LangGraph's contract of a store. */
export interface Suite {
  readonly name: string
  readonly path: string
  /** Modules that are replaced by the stand-ins. */
  readonly replaces: readonly string[]
  /** Beginnings of the names of tests that are left out, and why. */
  readonly leftOut: Readonly<Record<string, string>>
}

export const REPOSITORY = 'https://github.com/langchain-ai/langgraphjs.git'

const sql = 'looks at the tables of Postgres'
const zeros = 'its model gives vectors of zeros, which have no direction and are refused'
const words = 'searches by words'
const redis = 'tests a part of RedisStore that is no store'
const scores = 'scales scores in its own way'
const statistics = 'counts by a method of its own'

export const suites: readonly Suite[] = [
  {
    name: 'memory',
    path: 'libs/checkpoint/src/tests/store.test.ts',
    replaces: ['../store/base.js', '../store/batch.js', '../store/memory.js'],
    leftOut: {},
  },
  {
    name: 'postgres',
    path: 'libs/checkpoint-postgres/src/tests/store.int.test.ts',
    replaces: ['../store/index.js', 'pg'],
    leftOut: {
      'PostgresStore Error Handling': 'breaks the connection to Postgres, and modes of search',
      'PostgresStore Hybrid Search': words,
      'PostgresStore Statistics': statistics,
      'PostgresStore Migration System': sql,
      'PostgresStore CRUD Operations > should support index: false': zeros,
      'PostgresStore CRUD Operations > should support specific fields': zeros,
      'PostgresStore CRUD Operations > should support both TTL and indexing options': sql,
      'PostgresStore Search > should support text search mode': words,
      'PostgresStore Search > should perform full-text search': words,
      'PostgresStore Search > should combine filtering with text search': words,
      'PostgresStore TTL > should support TTL configuration and sweep': 'sweeps by a method of its own',
    },
  },
  {
    name: 'redis',
    path: 'libs/checkpoint-redis/src/tests/store.int.test.ts',
    replaces: ['../store.js', './redis-container.js'],
    leftOut: {
      'RedisStore Advanced Features > FilterBuilder': redis,
      'RedisStore Advanced Features > Store Statistics': statistics,
      'RedisStore Advanced Features > Complex Filter Combinations > should handle nested object queries':
        'a dot in a filter goes into objects; elsewhere in LangGraph it is a part of a name',
      'RedisStore Vector Search with Distance Metrics > Distance Metrics > should support L2': scores,
      'RedisStore Vector Search with Distance Metrics > Distance Metrics > should support inner product': scores,
      'Operation Type Guards': redis,
    },
  },
  {
    name: 'mongodb',
    path: 'libs/checkpoint-mongodb/src/tests/store.int.test.ts',
    replaces: ['../store', 'mongodb'],
    leftOut: { 'MongoDBStore Integration Tests > vector search': 'looks at the collection of MongoDB' },
  },
]
