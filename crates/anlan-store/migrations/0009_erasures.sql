-- What was erased, when and why; never what it said. `case_id` only where somebody asked for it.
CREATE TABLE erasures (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  by INTEGER,
  kind TEXT NOT NULL,
  ground TEXT NOT NULL,
  case_id INTEGER,
  count INTEGER NOT NULL
) STRICT;
CREATE TRIGGER erasures_never_change BEFORE UPDATE ON erasures BEGIN
  SELECT RAISE(ABORT, 'erasures are append-only');
END;
CREATE TRIGGER erasures_never_leave BEFORE DELETE ON erasures BEGIN
  SELECT RAISE(ABORT, 'erasures are append-only');
END;

-- The case whose events are losing their words within this very transaction; empty outside of one.
CREATE TABLE erasing (case_id INTEGER PRIMARY KEY) STRICT;

-- Events stay append-only but for that: the same event, at the same place, without its words.
DROP TRIGGER events_never_change;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
WHEN NOT (new.seq = old.seq AND new.case_id = old.case_id AND new.at = old.at AND new.by IS old.by AND new.kind = old.kind
  AND EXISTS (SELECT 1 FROM erasing WHERE case_id = old.case_id))
BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;

-- What was said when a case was opened in an emergency goes with the case's words.
CREATE INDEX grants_by_case ON grants (opens) WHERE opens IS NOT NULL;

-- Files that no photo names any more, until they are gone from the disk.
CREATE TABLE ending_blobs (digest TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE INDEX photos_by_digest ON photos (digest);
CREATE INDEX photos_by_thumb ON photos (thumb);
