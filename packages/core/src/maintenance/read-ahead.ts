/** Visits page after page, while the next is being read. */
export async function forEachPage<Page, Cursor>(
  read: (cursor: Cursor | undefined) => Promise<Page>,
  nextOf: (page: Page) => Cursor | undefined,
  visit: (page: Page) => Promise<void>,
): Promise<void> {
  let reading: Promise<Page> | undefined = read(undefined)
  while (reading !== undefined) {
    const page: Page = await reading
    const next = nextOf(page)
    reading = next === undefined ? undefined : read(next)
    // Its error is thrown when its turn comes, or never if visiting this page fails.
    reading?.catch(() => undefined)
    await visit(page)
  }
}
