/** Pages in order, up to the first without a next place. The next page is read while one is worked on. */
export async function* readAhead<Page, Place>(
  read: (place: Place | undefined) => Promise<Page>,
  nextOf: (page: Page) => Place | undefined,
): AsyncGenerator<Page, void, undefined> {
  const begin = (place?: Place): Promise<Page> => {
    const page = read(place)
    // It may fail before it is awaited below, or never be.
    page.catch(() => {})
    return page
  }
  let ahead: Promise<Page> | undefined = begin()
  while (ahead !== undefined) {
    const page: Page = await ahead
    const next = nextOf(page)
    ahead = next === undefined ? undefined : begin(next)
    yield page
  }
}
