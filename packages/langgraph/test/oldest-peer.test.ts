import { vi } from 'vitest'
import { inMemory } from './backends.js'
import { describeContract } from './contract.js'

// The oldest version that the peer dependency allows, in the place of the newest.
vi.mock('@langchain/langgraph-checkpoint', () => import('@langchain/langgraph-checkpoint-oldest'))

describeContract('with the oldest version of LangGraph that is supported', async () => inMemory)
