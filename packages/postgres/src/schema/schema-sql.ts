import { checkSchemaName } from '../names.js'
import { migrationSql } from './migrations.js'

/**
 * The statements that make the schema or bring it up to date, for who may: one for the documents, one for the vectors.
 * They can be run again, and by several at once.
 */
export function schemaSql(options: { readonly schema?: string | undefined } = {}): string {
  const schema = checkSchemaName(options.schema ?? 'tandem')
  return `${migrationSql(schema, 'kv')};\n\n${migrationSql(schema, 'vectors')};\n`
}
