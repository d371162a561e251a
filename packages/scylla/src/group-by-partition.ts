/** The limits of one request. */
export interface PartitionLimits {
  readonly items: number
  readonly bytes?: number
}

/** Groups items by partition, within the limits and in order. An item over the limit of bytes is alone in its group. */
export function groupByPartition<Item>(
  items: Iterable<Item>,
  partitionOf: (item: Item) => string,
  limits: PartitionLimits,
  bytesOf: (item: Item) => number = () => 0,
): Item[][] {
  const { items: maxItems, bytes: maxBytes = Number.POSITIVE_INFINITY } = limits
  const groups: Item[][] = []
  const open = new Map<string, { readonly group: Item[]; bytes: number }>()
  for (const item of items) {
    const partition = partitionOf(item)
    const bytes = bytesOf(item)
    const last = open.get(partition)
    if (last !== undefined && last.group.length < maxItems && last.bytes + bytes <= maxBytes) {
      last.group.push(item)
      last.bytes += bytes
    } else {
      const group = [item]
      groups.push(group)
      open.set(partition, { group, bytes })
    }
  }
  return groups
}
