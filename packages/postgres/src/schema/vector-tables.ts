/** The list of spaces. The tables of each are made when it is opened first: see space-tables.ts. */
export function vectorTables(schema: string): string {
  return `
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE ${schema}.space (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  dimensions integer NOT NULL,
  metric text NOT NULL,
  has_filterable boolean NOT NULL DEFAULT false,
  has_words boolean NOT NULL DEFAULT false,
  has_nearest boolean NOT NULL DEFAULT false
);

-- Runs a search by the index of vectors, which goes on until the filter leaves enough. A function, as settings of a
-- session do not go with a statement.
CREATE FUNCTION ${schema}.nearest_by_index(in_statement text, in_values text[])
RETURNS TABLE (document uuid, distance double precision) LANGUAGE plpgsql STABLE
SET hnsw.iterative_scan = 'strict_order' SET hnsw.ef_search = 100 AS $fn$
BEGIN
  RETURN QUERY EXECUTE in_statement USING in_values;
END $fn$;`
}
