/** What is used of a client. Put the methods of the real one here; adapter-name.ts calls them. */
export interface Client {
  /** In the order of the keys, `undefined` where there is none. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  setMany(entries: readonly (readonly [key: string, value: Uint8Array])[]): Promise<void>
  /** Deletes every key that begins with the prefix. */
  deleteUnder(prefix: string): Promise<void>
}
