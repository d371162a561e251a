/**
 * Runs a job for each item, `width` at a time; a free slot takes the next item at once. Results are in the order of the
 * items. After a failure no job starts any more, those in flight are awaited, and the first error is thrown.
 */
export async function mapWindow<Item, Result>(
  items: readonly Item[],
  width: number,
  run: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length)
  let next = 0
  let failure: { readonly error: unknown } | undefined
  const worker = async (): Promise<void> => {
    while (next < items.length && failure === undefined) {
      const index = next
      next += 1
      try {
        results[index] = await run(items[index] as Item, index)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  if (failure !== undefined) throw failure.error
  return results
}
