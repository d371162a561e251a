import type { SpaceDefinition } from '@tandemstore/core/adapter'
import { SCHEMA_LOCK } from './migrations.js'

/** Characters of a namespace that the index takes: an entry of it may have 2,704 bytes. */
export const INDEXED_CHARACTERS = 600
/** Dimensions that the index of pgvector takes in single precision, and in half. */
const MAX_INDEXED_DIMENSIONS = 2000
const MAX_HALF_DIMENSIONS = 4000
/** Stands for the number of the space. */
const ID = '"#"'

/** A text as a literal of SQL. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * Each space has a table of points, so that a search reads nothing but its vectors, one of words, and a function that
 * replaces the points of documents. `terms` are what filters ask for. MAIN keeps a vector beside its row while a page
 * has room, as a search looks at each.
 */
function spaceTables(schema: string, dimensions: number): string {
  const point = `${schema}.point_${ID}`
  const word = `${schema}.word_${ID}`
  return `
CREATE TABLE ${point} (
  id uuid PRIMARY KEY,
  document uuid NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  field text NOT NULL,
  part integer NOT NULL,
  version text COLLATE "C" NOT NULL,
  hash text NOT NULL,
  fingerprint text NOT NULL,
  expires_at bigint,
  terms text[] COLLATE "C" NOT NULL,
  has_words boolean NOT NULL,
  embedding vector${dimensions === 0 ? '' : `(${dimensions})`}
);
ALTER TABLE ${point} ALTER COLUMN embedding SET STORAGE MAIN;
CREATE INDEX ON ${point} (document);
CREATE INDEX ON ${point} (left(namespace, ${INDEXED_CHARACTERS}), id);
CREATE INDEX ON ${point} (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX ON ${point} (id) WHERE has_words;
CREATE TABLE ${word} (
  term text COLLATE "C" NOT NULL,
  point uuid NOT NULL,
  weight real NOT NULL,
  PRIMARY KEY (term, point) INCLUDE (weight)
);
CREATE INDEX ON ${word} (point);
CREATE FUNCTION ${schema}.replace_${ID}(in_documents json) RETURNS TABLE (place integer, missing boolean)
LANGUAGE plpgsql AS $fn$
#variable_conflict use_column
DECLARE
  d record;
  q record;
  stored record;
  same boolean;
  found_one boolean;
  keeps_words boolean;
  with_words boolean := coalesce((SELECT s.has_words FROM ${schema}.space s WHERE s.id = ${ID}), false);
  gone uuid[];
BEGIN
  FOR d IN SELECT * FROM json_to_recordset(in_documents) AS x(place integer, document uuid, namespace text, key text,
    version text, replaces text, expires_at bigint, fingerprint text, terms text[], ids uuid[], points json)
    ORDER BY x.document, x.place
  LOOP
    place := d.place;
    missing := false;
    WITH removed AS (
      DELETE FROM ${point} p WHERE p.document = d.document AND (p.version <= d.version OR p.version = d.replaces)
        AND p.id <> ALL (d.ids) RETURNING p.id, p.has_words
    ) SELECT array_agg(r.id) FILTER (WHERE r.has_words) INTO gone FROM removed r;
    IF gone IS NOT NULL THEN DELETE FROM ${word} w WHERE w.point = ANY (gone); END IF;
    FOR q IN SELECT * FROM json_to_recordset(d.points) AS y(id uuid, field text, part integer, hash text,
      embedding text, keeps boolean, words text[], weights real[]) ORDER BY y.id
    LOOP
      LOOP
        SELECT p.version, p.hash, p.fingerprint, p.embedding IS NOT NULL AS has_vector, p.has_words INTO stored
          FROM ${point} p WHERE p.id = q.id FOR UPDATE;
        found_one := FOUND;
        EXIT WHEN stored.version > d.version AND stored.version IS DISTINCT FROM d.replaces COLLATE "C";
        same := coalesce(stored.hash = q.hash, false);
        -- Words that were made in another way are none of this fingerprint.
        keeps_words := same AND (NOT with_words OR stored.fingerprint = d.fingerprint);
        IF q.embedding IS NULL AND ((q.keeps AND NOT (same AND stored.has_vector))
          OR (q.words IS NULL AND NOT keeps_words)) THEN
          missing := true;
          EXIT;
        END IF;
        IF found_one THEN
          UPDATE ${point} p SET document = d.document, namespace = d.namespace, key = d.key, field = q.field,
            part = q.part, version = d.version, hash = q.hash, fingerprint = d.fingerprint, expires_at = d.expires_at,
            terms = d.terms,
            has_words = CASE WHEN q.words IS NULL THEN keeps_words AND p.has_words ELSE cardinality(q.words) > 0 END,
            embedding = CASE WHEN q.keeps THEN p.embedding ELSE q.embedding::vector END
            WHERE p.id = q.id;
          IF stored.has_words AND (q.words IS NOT NULL OR NOT keeps_words) THEN
            DELETE FROM ${word} w WHERE w.point = q.id;
          END IF;
        ELSE
          INSERT INTO ${point} VALUES (q.id, d.document, d.namespace, d.key, q.field, q.part, d.version, q.hash,
            d.fingerprint, d.expires_at, d.terms, coalesce(cardinality(q.words) > 0, false), q.embedding::vector)
            ON CONFLICT (id) DO NOTHING;
          -- A rival has put one there: it is looked at.
          CONTINUE WHEN NOT FOUND;
        END IF;
        INSERT INTO ${word} SELECT t.term, q.id, t.weight FROM unnest(q.words, q.weights) AS t(term, weight);
        EXIT;
      END LOOP;
    END LOOP;
    RETURN NEXT;
  END LOOP;
END $fn$;`
}

/** One statement that makes a space where there is none of its name, and what an existing one has not got yet. */
export function openSpaceSql(schema: string, definition: SpaceDefinition, approximate: boolean): string {
  const { name, dimensions = 0, metric, filterable, terms } = definition
  const nearest = approximate ? indexedVector(dimensions, metric) : undefined
  const ofName = `name = ${literal(name)}`
  return `DO $do$
DECLARE
  s ${schema}.space;
BEGIN
  PERFORM pg_advisory_xact_lock(${SCHEMA_LOCK});
  SELECT * INTO s FROM ${schema}.space WHERE ${ofName};
  IF NOT FOUND THEN
    INSERT INTO ${schema}.space (name, dimensions, metric) VALUES (${literal(name)}, ${dimensions}, ${literal(metric)})
      RETURNING * INTO s;
    EXECUTE replace($sql$${spaceTables(schema, dimensions)}$sql$, '${ID}', s.id::text);
  END IF;
  IF s.dimensions = ${dimensions} AND s.metric = ${literal(metric)} THEN
    IF ${hasPaths(filterable)} AND NOT s.has_filterable THEN
      EXECUTE format('CREATE INDEX ON ${schema}.point_%s USING gin (terms)', s.id);
    END IF;
    IF ${nearest !== undefined} AND NOT s.has_nearest THEN
      EXECUTE format('CREATE INDEX ON ${schema}.point_%s USING hnsw ((${nearest?.column}) ${nearest?.operators})', s.id);
    END IF;
    UPDATE ${schema}.space SET has_nearest = has_nearest OR ${nearest !== undefined}, has_filterable = has_filterable OR ${hasPaths(filterable)},
      has_words = has_words OR ${terms === true} WHERE ${ofName};
  END IF;
END $do$`
}

/** What the index of vectors has of a point, and by which operators; `undefined`: it takes no so long vectors. */
export function indexedVector(
  dimensions: number,
  metric: SpaceDefinition['metric'],
): { readonly column: string; readonly type: string; readonly operators: string } | undefined {
  const operators = metric === 'euclidean' ? 'l2_ops' : 'ip_ops'
  if (dimensions === 0 || dimensions > MAX_HALF_DIMENSIONS) return undefined
  if (dimensions <= MAX_INDEXED_DIMENSIONS)
    return { column: 'embedding', type: 'vector', operators: `vector_${operators}` }
  const type = `halfvec(${dimensions})`
  return { column: `embedding::${type}`, type, operators: `halfvec_${operators}` }
}

export function hasPaths(filterable: SpaceDefinition['filterable']): boolean {
  return Object.keys(filterable).length > 0
}

/** One statement that deletes a space with all that is in it. */
export function dropSpaceSql(schema: string, id: number): string {
  return `DO $do$
BEGIN
  PERFORM pg_advisory_xact_lock(${SCHEMA_LOCK});
  DROP FUNCTION IF EXISTS ${schema}.replace_${id}(json);
  DROP TABLE IF EXISTS ${schema}.point_${id}, ${schema}.word_${id};
  DELETE FROM ${schema}.space WHERE id = ${id};
END $do$`
}
