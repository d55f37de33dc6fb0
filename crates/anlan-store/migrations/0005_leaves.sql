-- The public form of each access, made with it; rows from before have none. `place` counts the accesses to one case.
ALTER TABLE accesses ADD COLUMN leaf BLOB;
ALTER TABLE accesses ADD COLUMN place INTEGER;
-- Finds the leaves about a case: made with the case, x'' once erased, NULL until the first access to a case from before.
ALTER TABLE cases ADD COLUMN log_key BLOB;
-- The row that is entry 0 of the log: all after it are entries too, one by one.
CREATE TABLE log_begins (seq INTEGER NOT NULL) STRICT;
INSERT INTO log_begins (seq) SELECT coalesce(max(seq), 0) + 1 FROM accesses;
