/** How long a deletion is remembered: the three hours that a late write may take. */
export const DELETION_MEMORY_MS = 3 * 60 * 60 * 1000
