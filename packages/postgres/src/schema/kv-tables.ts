/** Tables of the documents. A deletion is remembered in the row itself: its value is NULL and `deleted_at` is set. */
export function kvTables(schema: string): string {
  return `
CREATE TABLE ${schema}.collection (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE ${schema}.document (
  collection integer NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  created_at bigint,
  updated_at bigint,
  expires_at bigint,
  ttl_ms bigint,
  directive text,
  deleted_at bigint,
  value text,
  PRIMARY KEY (collection, namespace, key)
);
CREATE INDEX document_expiry ON ${schema}.document (collection, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX document_deletion ON ${schema}.document (collection, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE TABLE ${schema}.prefix_deletion (
  collection integer NOT NULL,
  prefix text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  deleted_at bigint NOT NULL,
  PRIMARY KEY (collection, prefix)
);
-- The id is the SHA-256 of kind, namespace and key, which together can be longer than an index takes.
CREATE TABLE ${schema}.intent (
  collection integer NOT NULL,
  space text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  id bytea NOT NULL,
  kind text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  failure text,
  PRIMARY KEY (collection, space, version, id)
);
CREATE TABLE ${schema}.lease (
  collection integer NOT NULL,
  writer text COLLATE "C" NOT NULL,
  expires_at bigint NOT NULL,
  spaces text NOT NULL,
  PRIMARY KEY (collection, writer)
);
CREATE TABLE ${schema}.space_record (
  collection integer NOT NULL,
  name text COLLATE "C" NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (collection, name)
);`
}
