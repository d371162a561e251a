import { inMemory, inSqlite } from './backends.js'
import { describeContract } from './contract.js'

describeContract('in memory', async () => inMemory)
describeContract('on SQLite', inSqlite)
