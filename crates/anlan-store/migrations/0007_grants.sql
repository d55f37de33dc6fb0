-- Leave for one person to do one thing beyond their usual reach: who asked, until when, for what, and who answered.
-- `opens` is the case it opens to the asker. `is_open`: somebody else's word is still wanted.
CREATE TABLE grants (
  id INTEGER PRIMARY KEY,
  asker INTEGER NOT NULL REFERENCES accounts (id),
  asked_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  opens INTEGER REFERENCES cases (id),
  is_open INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX grants_opening ON grants (asker, until) WHERE opens IS NOT NULL;
CREATE INDEX grants_open ON grants (id) WHERE is_open = 1;
