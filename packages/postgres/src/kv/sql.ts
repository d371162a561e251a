import { CONTENT } from './rows.js'

/** The statements of a collection, whose number is $1. */
export function kvSql(schema: string) {
  return {
    addCollection: `INSERT INTO ${schema}.collection (name) VALUES ($1) ON CONFLICT DO NOTHING`,
    collection: `SELECT id FROM ${schema}.collection WHERE name = $1`,
    get: `SELECT r.place, d.* FROM json_to_recordset($2::json) AS r(place integer, namespace text, key text)
      CROSS JOIN LATERAL (SELECT ${CONTENT} FROM ${schema}.document
        WHERE collection = $1 AND namespace = r.namespace AND key = r.key AND value IS NOT NULL) d`,
    write: `SELECT place, status, existed, current FROM ${schema}.kv_write($1, $2::json, $3::json)`,
    rememberPrefix: `SELECT ${schema}.kv_remember_prefix($1, $2, $3)`,
    deleteStep: `SELECT ${schema}.kv_delete_step($1, $2, $3, $4, $5) AS gone`,
    touch: `SELECT place, ${CONTENT} FROM ${schema}.kv_touch($1, $2::json)`,
    // The bytes of the values before a row decide, so that a page has one row at least.
    list: `SELECT ${CONTENT}, total FROM (
        SELECT *, count(*) OVER () AS total, coalesce(sum(octet_length(value)) OVER (ORDER BY namespace, key
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM (SELECT ${CONTENT} FROM ${schema}.document
          WHERE collection = $1 AND (namespace, key) > ($2, $3) AND namespace < $4 AND value IS NOT NULL
          ORDER BY namespace, key LIMIT $5) page) sized
      WHERE before < $6
      ORDER BY namespace, key`,
    namespaces: `SELECT namespace FROM ${schema}.kv_namespaces($1, $2, $3, $4, $5, $6) AS namespace`,
    deleteExpired: `SELECT ${schema}.kv_delete_expired($1, $2, $3) AS gone`,
    addIntents: `SELECT ${schema}.kv_add_intents($1, $2::json, NULL)`,
    removeIntents: `DELETE FROM ${schema}.intent i USING json_to_recordset($2::json)
        AS x(space text, version text, kind text, namespace text, key text)
      WHERE i.collection = $1 AND i.space = x.space AND i.version = x.version
        AND i.id = sha256(convert_to(x.kind || x.namespace || E'\\x01' || x.key, 'UTF8'))`,
    listIntents: `SELECT version, kind, namespace, key, failure, encode(id, 'hex') AS id FROM ${schema}.intent
      WHERE collection = $1 AND space = $2 AND (version, id) > ($3, decode($4, 'hex'))
      ORDER BY version, id LIMIT $5`,
    putLease: `INSERT INTO ${schema}.lease VALUES ($1, $2, $3, $4)
      ON CONFLICT (collection, writer) DO UPDATE SET expires_at = excluded.expires_at, spaces = excluded.spaces`,
    deleteLease: `DELETE FROM ${schema}.lease WHERE collection = $1 AND writer = $2`,
    leases: `SELECT writer, expires_at, spaces FROM ${schema}.lease WHERE collection = $1`,
    putSpace: `INSERT INTO ${schema}.space_record VALUES ($1, $2, $3)
      ON CONFLICT (collection, name) DO UPDATE SET record = excluded.record`,
    deleteSpace: `DELETE FROM ${schema}.space_record WHERE collection = $1 AND name = $2`,
    spaces: `SELECT record FROM ${schema}.space_record WHERE collection = $1 ORDER BY name`,
    clock: `SELECT ${schema}.now_ms() AS now WHERE $1::integer IS NOT NULL`,
  }
}
