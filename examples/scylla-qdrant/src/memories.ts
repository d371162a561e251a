import type { PutManyDocument } from '@tandemstore/core'

export interface Memory {
  readonly text: string
  readonly topic: 'food' | 'travel' | 'work'
  readonly year: number
}

const ofAda: readonly Memory[] = [
  { text: 'Prefers green tea to coffee in the morning', topic: 'food', year: 2024 },
  { text: 'Is allergic to peanuts and other nuts', topic: 'food', year: 2023 },
  { text: 'Flew to Lisbon and took the tram up the hills', topic: 'travel', year: 2025 },
  { text: 'Wants a window seat on trains and planes', topic: 'travel', year: 2024 },
  { text: 'Leads the team that builds the payment service', topic: 'work', year: 2025 },
  { text: 'Does not take meetings on Friday afternoons', topic: 'work', year: 2025 },
]

const ofBen: readonly Memory[] = [
  { text: 'Drinks espresso all day long', topic: 'food', year: 2025 },
  { text: 'Cycled along the Danube from Passau to Vienna', topic: 'travel', year: 2023 },
  // Ada has the same: it is embedded once.
  { text: 'Wants a window seat on trains and planes', topic: 'travel', year: 2025 },
]

export const memories: readonly PutManyDocument<Memory>[] = [
  ...ofAda.map((value, i) => ({ namespace: ['users', 'ada'], key: `memory-${i}`, value })),
  ...ofBen.map((value, i) => ({ namespace: ['users', 'ben'], key: `memory-${i}`, value })),
]
