/** Gives timestamps for our own records: microseconds since the Unix epoch, as text, each later than the one before. */
export type Stamp = () => string

export function makeStamp(): Stamp {
  let last = 0
  return () => {
    last = Math.max(last + 1, Date.now() * 1000)
    return String(last)
  }
}
