import { kvFunctions } from './kv-functions.js'
import { kvTables } from './kv-tables.js'
import { vectorTables } from './vector-tables.js'

/** The halves, which have versions of their own: without vectors there is no need for pgvector. */
export type Part = 'kv' | 'vectors'

/** The lock that everyone who changes the schema takes, whatever its name: any number that no other program uses. */
export const SCHEMA_LOCK = 7_236_833_182_400_121

/** What leads from each version to the next. Never changed once released; a new version is added. */
const migrations: Readonly<Record<Part, readonly ((schema: string) => string)[]>> = {
  kv: [(schema) => kvTables(schema) + kvFunctions(schema)],
  vectors: [vectorTables],
}

export function latestVersion(part: Part): number {
  return migrations[part].length
}

/**
 * One statement that makes the schema or brings it up to date. Any number of processes may run it at once, and
 * whoever runs it again changes nothing.
 */
export function migrationSql(schema: string, part: Part): string {
  const steps = migrations[part].map(
    (step, i) => `
  IF found_version < ${i + 1} THEN
${step(schema)}
  END IF;`,
  )
  return `DO $do$
DECLARE
  found_version integer;
BEGIN
  PERFORM pg_advisory_xact_lock(${SCHEMA_LOCK});
  IF to_regnamespace('${schema}') IS NULL THEN
    CREATE SCHEMA ${schema};
  END IF;
  IF to_regclass('${schema}.schema_version') IS NULL THEN
    CREATE TABLE ${schema}.schema_version (part text PRIMARY KEY, version integer NOT NULL);
  END IF;
  SELECT coalesce(max(version), 0) INTO found_version FROM ${schema}.schema_version WHERE part = '${part}';
${steps.join('')}
  INSERT INTO ${schema}.schema_version AS v VALUES ('${part}', ${steps.length})
    ON CONFLICT (part) DO UPDATE SET version = greatest(v.version, excluded.version);
END $do$`
}
