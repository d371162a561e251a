/** What the data file of this package is. Written by scripts/static-model. */
export const identity = { name: 'static-all-MiniLM-L6-v2', revision: 'e425f22d1943', dimensions: 256 } as const
