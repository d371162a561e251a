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
  has_words boolean NOT NULL DEFAULT false
);`
}
