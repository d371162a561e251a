import { z } from 'zod'

/** A text that can be a label or a key: no database takes a lone surrogate or NUL. */
const name = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must not hold a lone surrogate or NUL')

export const key = name(1024).describe('The key of the memory.')

export const labels = z
  .array(name(256))
  .max(15)
  .optional()
  .describe(
    'Sub-folders of your memory, the outermost first, such as ["work","billing"]. Default: the top. Names, no paths.',
  )

export const title = z.string().min(1).max(300)
/** A value takes a million bytes, which core counts. */
export const text = z.string().min(1).max(999_000)
export const tags = z.array(z.string().min(1).max(100)).max(50)
export const metadata = z.looseObject({})

export const filter = z
  .looseObject({})
  .optional()
  .describe(
    'Conditions on fields, such as {"tags":"work","metadata.year":{"$gte":2024}}. Operators: $eq $ne $gt $gte $lt $lte $in $nin $exists on a field; $and $or $not.',
  )

export const maxTokens = z
  .int()
  .min(200)
  .max(50_000)
  .default(2000)
  .describe('The most tokens that the answer may take. What does not fit is counted.')

/** In results: absent at the top. */
export const labelsOut = z.array(z.string()).optional()

export const savedOutput = z.strictObject({
  key: z.string(),
  labels: labelsOut,
  version: z.string(),
  searchable: z.boolean().describe('Whether memory_search finds it now. If false, it will a little later.'),
})

export const entryOutput = z.strictObject({
  key: z.string(),
  labels: labelsOut,
  title: z.string().describe('Title, or first words.'),
  date: z.string().describe('Day of the last change, UTC.'),
})
