-- The office that an actor belonged to when it looked; rows from before have none.
ALTER TABLE accesses ADD COLUMN office INTEGER;
-- What this node, as a witness, has cosigned last of each log of others.
CREATE TABLE witnessed (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  checkpoint TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
