import { parseArgs } from 'node:util'
import { UserError } from './user-error.ts'

export interface Arguments {
  /** Absent: the questions that come with the demo. */
  readonly question?: string | undefined
  /** A folder to search instead of node_modules. */
  readonly dir?: string | undefined
  /** Sections to have searchable at most. */
  readonly limit: number
  /** Folder of the SQLite files; absent: `.tandem` in the workspace. */
  readonly data?: string | undefined
  readonly embedder: 'auto' | 'transformers' | 'local'
  readonly help: boolean
}

export const usage = `Makes documentation searchable by words and meaning, and answers questions from it.

  npm run demo                        the packages in node_modules, and three questions
  npm run demo -- "how do I …"        one question
  npm run demo -- --dir FOLDER        any folder of Markdown or text instead

  --limit N            take N sections (default: every one)
  --embedder NAME      transformers (all-MiniLM-L6-v2: finds more, takes minutes), local (a static model: takes seconds)
                       or auto (default: the first that can be had)
  --data FOLDER        where the SQLite files are kept (default: .tandem)
  --help               this text
`

/** Reads the command line; throws a UserError that says what is wrong with it. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv)
  const { limit, dir, data, embedder, help } = values
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) {
    throw new UserError(`--limit takes a whole number of at least 1, not "${limit}".`, 2)
  }
  if (embedder !== 'auto' && embedder !== 'transformers' && embedder !== 'local') {
    throw new UserError(`--embedder takes auto, transformers or local, not "${embedder}".`, 2)
  }
  if (dir === '') throw new UserError('--dir takes the path of a folder.', 2)
  if (data === '') throw new UserError('--data takes the path of a folder.', 2)
  const question = positionals.join(' ').trim()
  if (positionals.length > 0 && question === '') throw new UserError('The question is empty.', 2)
  return {
    question: question === '' ? undefined : question,
    dir,
    data,
    limit: limit === undefined ? Number.POSITIVE_INFINITY : Number(limit),
    embedder,
    help,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        limit: { type: 'string' },
        dir: { type: 'string' },
        data: { type: 'string' },
        embedder: { type: 'string', default: 'auto' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UserError(`${error.message.split('. ')[0]}. See --help.`, 2, { cause: error })
  }
}
