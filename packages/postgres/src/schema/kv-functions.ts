import { DELETION_MEMORY_MS } from '../kv/deletion-memory.js'

/** Class of the advisory locks on collections: held shared by writes, alone while a prefix begins to be deleted. */
const LOCK_CLASS = 1_952_541_284
/** Namespace and key longer than this, in bytes, may be too long for an index, so that such a write is tried apart. */
const MAX_SURE_BYTES = 2000

/** The columns of a write in a batch. */
const WRITE = `place integer, namespace text, key text, version text, created_at bigint, updated_at bigint,
    expires_at bigint, ttl_ms bigint, directive text, value text, condition text, condition_version text,
    condition_now bigint`

/**
 * Functions that change documents. Each is one call, and so one transaction: a batch never waits for its caller while
 * it holds locks. Rows are locked in the order of namespace and key, so that two batches never wait for one another.
 */
export function kvFunctions(schema: string): string {
  return `
CREATE FUNCTION ${schema}.now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS $fn$
  SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
$fn$;

-- The highest version at which anything that a namespace begins with was deleted.
CREATE FUNCTION ${schema}.prefix_deleted_at(in_collection integer, in_namespace text) RETURNS text
LANGUAGE sql STABLE AS $fn$
  SELECT max(version) FROM ${schema}.prefix_deletion WHERE collection = in_collection AND prefix = ANY (ARRAY(
    SELECT left(in_namespace, i) FROM generate_series(1, length(in_namespace)) i WHERE substr(in_namespace, i, 1) = E'\\x01'))
$fn$;

-- One write, a deletion where its value is NULL.
CREATE FUNCTION ${schema}.kv_write_one(
  in_collection integer, in_namespace text, in_key text, in_version text, in_created_at bigint, in_updated_at bigint,
  in_expires_at bigint, in_ttl_ms bigint, in_directive text, in_value text, condition text, condition_version text,
  condition_now bigint, deleted_with_prefix text, in_now bigint,
  OUT status text, OUT existed boolean, OUT current text
) LANGUAGE plpgsql AS $fn$
DECLARE
  stored record;
  is_live boolean;
  deleted_version text;
  late boolean;
BEGIN
  LOOP
    -- Most rows are new: then this one statement is all.
    IF condition IS DISTINCT FROM 'version' AND coalesce(deleted_with_prefix < in_version COLLATE "C", true) THEN
      INSERT INTO ${schema}.document VALUES (in_collection, in_namespace, in_key, in_version, in_created_at,
        in_updated_at, in_expires_at, in_ttl_ms, in_directive, CASE WHEN in_value IS NULL THEN in_now END, in_value)
      ON CONFLICT DO NOTHING;
      IF FOUND THEN
        status := 'written'; existed := false;
        RETURN;
      END IF;
    END IF;
    SELECT d.version, d.created_at, d.expires_at, d.value IS NOT NULL AS present INTO stored FROM ${schema}.document d
      WHERE d.collection = in_collection AND d.namespace = in_namespace AND d.key = in_key FOR UPDATE;
    is_live := FOUND AND stored.present AND (stored.expires_at IS NULL OR stored.expires_at > coalesce(condition_now, in_now));
    deleted_version := deleted_with_prefix;
    IF FOUND AND NOT stored.present THEN deleted_version := greatest(deleted_version, stored.version COLLATE "C"); END IF;
    IF (condition = 'absent' AND is_live) OR (condition = 'version' AND NOT (is_live AND stored.version = condition_version)) THEN
      status := 'conflict'; current := CASE WHEN stored.present THEN stored.version END;
      RETURN;
    END IF;
    IF stored.present AND stored.version > in_version COLLATE "C" THEN
      status := 'superseded'; current := stored.version;
      RETURN;
    END IF;
    late := CASE WHEN in_value IS NULL THEN deleted_version > in_version COLLATE "C"
      ELSE deleted_version >= in_version COLLATE "C" END;
    IF late THEN
      status := 'superseded'; current := deleted_version;
      RETURN;
    END IF;
    is_live := coalesce(stored.present AND (stored.expires_at IS NULL OR stored.expires_at > in_now), false);
    IF stored IS NULL OR stored.version IS NULL THEN
      -- A deletion that is as new as that of its prefix, or a row that went since it was met.
      IF in_value IS NULL AND deleted_with_prefix IS NOT DISTINCT FROM in_version THEN
        status := 'written'; existed := false;
        RETURN;
      END IF;
      CONTINUE;
    END IF;
    UPDATE ${schema}.document d SET version = in_version,
      created_at = CASE WHEN is_live AND in_value IS NOT NULL THEN d.created_at ELSE in_created_at END,
      updated_at = in_updated_at, expires_at = in_expires_at, ttl_ms = in_ttl_ms, directive = in_directive,
      deleted_at = CASE WHEN in_value IS NULL THEN in_now END, value = in_value
      WHERE d.collection = in_collection AND d.namespace = in_namespace AND d.key = in_key;
    status := 'written'; existed := is_live;
    RETURN;
  END LOOP;
END $fn$;

-- A batch of writes, with the intents of those that take effect.
CREATE FUNCTION ${schema}.kv_write(in_collection integer, in_writes json, in_intents json)
RETURNS TABLE (place integer, status text, existed boolean, current text) LANGUAGE plpgsql AS $fn$
#variable_conflict use_variable
DECLARE
  w record;
  at bigint := ${schema}.now_ms();
  any_prefix boolean;
  last_namespace text;
  deleted_with_prefix text;
  done integer[] := '{}';
BEGIN
  PERFORM pg_advisory_xact_lock_shared(${LOCK_CLASS}, in_collection);
  any_prefix := EXISTS (SELECT 1 FROM ${schema}.prefix_deletion p WHERE p.collection = in_collection);
  -- Most rows are new: then this one statement is all. Of two writes of one document it takes the first.
  IF NOT any_prefix THEN
    WITH new AS (
      INSERT INTO ${schema}.document AS d SELECT in_collection, x.namespace, x.key, x.version, x.created_at,
        x.updated_at, x.expires_at, x.ttl_ms, x.directive, CASE WHEN x.value IS NULL THEN at END, x.value
      FROM json_to_recordset(in_writes) AS x(${WRITE})
      WHERE x.condition IS DISTINCT FROM 'version'
        AND octet_length(x.namespace) + octet_length(x.key) <= ${MAX_SURE_BYTES}
      ORDER BY x.namespace COLLATE "C", x.key COLLATE "C", x.place
      ON CONFLICT DO NOTHING RETURNING d.namespace, d.key
    ) SELECT coalesce(array_agg(f.place), '{}') INTO done FROM (
      SELECT min(x.place) AS place FROM new
        JOIN json_to_recordset(in_writes) AS x(place integer, namespace text, key text, condition text)
        ON x.namespace = new.namespace AND x.key = new.key
      WHERE x.condition IS DISTINCT FROM 'version' GROUP BY x.namespace, x.key
    ) f;
    RETURN QUERY SELECT u.place, 'written', false, NULL::text FROM unnest(done) AS u(place);
  END IF;
  FOR w IN SELECT * FROM json_to_recordset(in_writes) AS x(${WRITE})
    WHERE x.place <> ALL (done) ORDER BY x.namespace COLLATE "C", x.key COLLATE "C", x.place
  LOOP
    IF any_prefix AND w.namespace IS DISTINCT FROM last_namespace THEN
      last_namespace := w.namespace;
      deleted_with_prefix := ${schema}.prefix_deleted_at(in_collection, w.namespace);
    END IF;
    IF octet_length(w.namespace) + octet_length(w.key) > ${MAX_SURE_BYTES} THEN
      BEGIN
        SELECT o.status, o.existed, o.current INTO status, existed, current FROM ${schema}.kv_write_one(in_collection,
          w.namespace, w.key, w.version, w.created_at, w.updated_at, w.expires_at, w.ttl_ms, w.directive, w.value,
          w.condition, w.condition_version, w.condition_now, deleted_with_prefix, at) o;
      EXCEPTION WHEN program_limit_exceeded THEN
        status := 'too long'; existed := NULL; current := NULL;
      END;
    ELSE
      SELECT o.status, o.existed, o.current INTO status, existed, current FROM ${schema}.kv_write_one(in_collection,
        w.namespace, w.key, w.version, w.created_at, w.updated_at, w.expires_at, w.ttl_ms, w.directive, w.value,
        w.condition, w.condition_version, w.condition_now, deleted_with_prefix, at) o;
    END IF;
    place := w.place;
    IF status = 'written' THEN done := done || place; END IF;
    RETURN NEXT;
  END LOOP;
  IF in_intents IS NOT NULL THEN
    PERFORM ${schema}.kv_add_intents(in_collection, in_intents, done);
  END IF;
END $fn$;

-- in_places: only the intents of these writes.
CREATE FUNCTION ${schema}.kv_add_intents(in_collection integer, in_intents json, in_places integer[])
RETURNS void LANGUAGE sql AS $fn$
  INSERT INTO ${schema}.intent AS i (collection, space, version, id, kind, namespace, key, failure)
    SELECT DISTINCT ON (x.space COLLATE "C", x.version COLLATE "C", 4)
      in_collection, x.space, x.version, sha256(convert_to(x.kind || x.namespace || E'\\x01' || x.key, 'UTF8')), x.kind,
      x.namespace, x.key, x.failure
    FROM json_to_recordset(in_intents)
      AS x(place integer, space text, version text, kind text, namespace text, key text, failure text)
    WHERE in_places IS NULL OR x.place = ANY (in_places)
    ORDER BY x.space COLLATE "C", x.version COLLATE "C", 4, x.place DESC
  ON CONFLICT (collection, space, version, id) DO UPDATE SET failure = excluded.failure
    WHERE i.failure IS DISTINCT FROM excluded.failure
$fn$;

CREATE FUNCTION ${schema}.kv_touch(in_collection integer, in_touches json)
RETURNS TABLE (place integer, namespace text, key text, version text, created_at bigint, updated_at bigint,
  expires_at bigint, ttl_ms bigint, directive text, value text) LANGUAGE plpgsql AS $fn$
#variable_conflict use_column
DECLARE
  t record;
BEGIN
  FOR t IN SELECT * FROM json_to_recordset(in_touches)
    AS x(place integer, namespace text, key text, version text, expires_at bigint)
    ORDER BY x.namespace COLLATE "C", x.key COLLATE "C", x.place
  LOOP
    UPDATE ${schema}.document d SET expires_at = t.expires_at
      WHERE d.collection = in_collection AND d.namespace = t.namespace AND d.key = t.key AND d.version = t.version
        AND d.value IS NOT NULL AND d.expires_at < t.expires_at;
    RETURN QUERY SELECT t.place, d.namespace, d.key, d.version, d.created_at, d.updated_at, d.expires_at, d.ttl_ms,
        d.directive, d.value FROM ${schema}.document d
      WHERE d.collection = in_collection AND d.namespace = t.namespace AND d.key = t.key AND d.version = t.version
        AND d.value IS NOT NULL;
  END LOOP;
END $fn$;

-- Remembers the deletion of a prefix. Writes that began before have ended then, those that begin after it know of it.
CREATE FUNCTION ${schema}.kv_remember_prefix(in_collection integer, in_prefix text, in_version text)
RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
  PERFORM pg_advisory_xact_lock(${LOCK_CLASS}, in_collection);
  INSERT INTO ${schema}.prefix_deletion AS p VALUES (in_collection, in_prefix, in_version, ${schema}.now_ms())
    ON CONFLICT (collection, prefix)
    DO UPDATE SET version = greatest(p.version, excluded.version), deleted_at = excluded.deleted_at;
END $fn$;

-- One step of a deletion by prefix. Returns how many rows went.
CREATE FUNCTION ${schema}.kv_delete_step(in_collection integer, from_namespace text, to_namespace text,
  in_version text, in_limit integer) RETURNS integer LANGUAGE plpgsql AS $fn$
DECLARE
  gone integer;
BEGIN
  WITH doomed AS (
    SELECT d.namespace, d.key FROM ${schema}.document d
    WHERE d.collection = in_collection AND d.namespace >= from_namespace AND d.namespace < to_namespace
      AND d.version <= in_version AND d.value IS NOT NULL
    ORDER BY d.namespace, d.key LIMIT in_limit FOR UPDATE
  ) DELETE FROM ${schema}.document d USING doomed
    WHERE d.collection = in_collection AND d.namespace = doomed.namespace AND d.key = doomed.key;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $fn$;

-- Makes deletions of rows that have expired, and forgets old deletions.
CREATE FUNCTION ${schema}.kv_delete_expired(in_collection integer, in_before bigint, in_limit integer)
RETURNS integer LANGUAGE plpgsql AS $fn$
DECLARE
  gone integer;
  at bigint := ${schema}.now_ms();
BEGIN
  WITH old AS (
    SELECT d.namespace, d.key FROM ${schema}.document d
    WHERE d.collection = in_collection AND d.deleted_at < at - ${DELETION_MEMORY_MS}
    LIMIT in_limit FOR UPDATE SKIP LOCKED
  ) DELETE FROM ${schema}.document d USING old
    WHERE d.collection = in_collection AND d.namespace = old.namespace AND d.key = old.key;
  DELETE FROM ${schema}.prefix_deletion p
    WHERE p.collection = in_collection AND p.deleted_at < at - ${DELETION_MEMORY_MS};
  WITH expired AS (
    SELECT d.namespace, d.key FROM ${schema}.document d
    WHERE d.collection = in_collection AND d.expires_at <= in_before
    LIMIT in_limit FOR UPDATE SKIP LOCKED
  ) UPDATE ${schema}.document d
    SET value = NULL, deleted_at = at, expires_at = NULL, ttl_ms = NULL, directive = NULL FROM expired
    WHERE d.collection = in_collection AND d.namespace = expired.namespace AND d.key = expired.key;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $fn$;

CREATE FUNCTION ${schema}.depth_of(in_namespace text) RETURNS integer LANGUAGE sql IMMUTABLE AS $fn$
  SELECT length(in_namespace) - length(replace(in_namespace, E'\\x01', ''))
$fn$;

CREATE FUNCTION ${schema}.cut_namespace(in_namespace text, in_depth integer) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
  SELECT CASE WHEN ${schema}.depth_of(in_namespace) <= in_depth THEN in_namespace
    ELSE array_to_string((string_to_array(in_namespace, E'\\x01'))[1:in_depth], E'\\x01') || E'\\x01' END
$fn$;

-- The first namespaces with a live row, from one on; cut to in_depth labels where it is given.
CREATE FUNCTION ${schema}.kv_namespaces(in_collection integer, from_namespace text, to_namespace text,
  in_depth integer, in_now bigint, in_limit integer) RETURNS SETOF text LANGUAGE plpgsql STABLE AS $fn$
DECLARE
  found_namespace text;
  labels text[];
BEGIN
  FOR i IN 1..in_limit LOOP
    SELECT d.namespace INTO found_namespace FROM ${schema}.document d
      WHERE d.collection = in_collection AND d.namespace >= from_namespace AND d.namespace < to_namespace
        AND d.value IS NOT NULL AND (d.expires_at IS NULL OR d.expires_at > in_now)
      ORDER BY d.namespace, d.key LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    IF in_depth IS NULL THEN
      from_namespace := found_namespace || E'\\x01';
    ELSE
      found_namespace := ${schema}.cut_namespace(found_namespace, in_depth);
      from_namespace := left(found_namespace, -1) || CASE WHEN ${schema}.depth_of(found_namespace) >= in_depth
        THEN E'\\x02' ELSE E'\\x01\\x01' END;
    END IF;
    RETURN NEXT found_namespace;
  END LOOP;
END $fn$;`
}
