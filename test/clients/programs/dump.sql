-- Something of every kind that pg_dump knows and the enforcer's role may look at, beside the shop.
CREATE EXTENSION citext;
CREATE EXTENSION pgcrypto;
CREATE SCHEMA store;
CREATE TYPE store.mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN store.posint AS int CHECK (VALUE > 0);
CREATE TYPE store.pair AS (a int, b text);
CREATE TYPE store.frange AS RANGE (subtype = float8);
CREATE COLLATION store.plain (locale = 'C');
CREATE SEQUENCE store.seq START 7;
CREATE TABLE store.things (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood store.mood DEFAULT 'ok', size store.posint, pair store.pair,
  twice int GENERATED ALWAYS AS (size * 2) STORED, number serial, note text COLLATE "C", tag citext, raw bytea,
  at timestamptz DEFAULT now(), span store.frange, active boolean DEFAULT true
);
INSERT INTO store.things (mood, size, pair, note, tag, raw, at, span)
  SELECT 'happy', g, (g, 'x' || g)::store.pair, E'li\tne\n\\' || g, 'Tag', '\xdeadbeef', '2026-01-01', store.frange(g, g + 1)
  FROM generate_series(1, 50) g;
ALTER TABLE store.things ADD COLUMN late text DEFAULT 'a value that the table itself does not hold';
COMMENT ON TABLE store.things IS 'a table''s comment';
COMMENT ON COLUMN store.things.note IS 'a column''s comment';
CREATE TABLE store.log (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE store.log_january PARTITION OF store.log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE store.log_other PARTITION OF store.log DEFAULT;
INSERT INTO store.log SELECT '2026-01-15'::date + g, 'e' || g FROM generate_series(1, 30) g;
ALTER TABLE store.log ADD CONSTRAINT something CHECK (what <> '');
CREATE TABLE store.more_things (extra int) INHERITS (store.things);
CREATE VIEW store.large_things AS SELECT id, note FROM store.things WHERE size > 3;
CREATE RULE nothing AS ON DELETE TO store.large_things DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW store.moods AS SELECT mood, count(*) FROM store.things GROUP BY mood;
CREATE INDEX things_note ON store.things (lower(note)) WHERE size > 2;
CREATE STATISTICS store.together ON mood, size FROM store.things;
CREATE FUNCTION store.next(a int, OUT b int) LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN b := a + 1; END $$;
CREATE PROCEDURE store.nothing() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE store.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE FUNCTION store.changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER changed BEFORE UPDATE ON store.things FOR EACH ROW EXECUTE FUNCTION store.changed();
CREATE FUNCTION store.altered() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER altered ON ddl_command_end WHEN TAG IN ('CREATE OPERATOR CLASS') EXECUTE FUNCTION store.altered();
CREATE OPERATOR store.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TEXT SEARCH CONFIGURATION store.words (COPY = english);
CREATE TABLE store.own (id int, who text);
INSERT INTO store.own VALUES (1, 'somebody'), (2, 'sluice_enforcer');
CREATE POLICY own ON store.own USING (who = current_user);
ALTER TABLE store.own ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA store TO sluice_enforcer;
GRANT SELECT ON ALL TABLES IN SCHEMA store TO sluice_enforcer;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA store TO sluice_enforcer;
