/** How much is done: `npm run test:faults -- --rounds N --seed S` sets these. */
export const rounds = Number(process.env.TANDEM_ROUNDS ?? 20)
export const seed = Number(process.env.TANDEM_SEED ?? Date.now() & 0x7fffffff)

const full = rounds >= 20

/** How long three processes write the same keys. */
export const rivalryMs = full ? 20_000 : 5_000
/** How long a database is away. */
export const outageMs = full ? 10_000 : 3_000
/** Documents that are written while it goes away and comes back. */
export const ingested = full ? 3_000 : 600
/** Namespaces of fifty documents, and how many prefixes are compared with an exact scan. */
export const tenants = full ? { count: 1_000, compared: 200 } : { count: 100, compared: 40 }
