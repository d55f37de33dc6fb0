-- The operational truth. Times are milliseconds since 1970 UTC; bodies are the model's own JSON without nulls.

-- One message from outside. `track` is the SHA-256 of the tracking code its sender holds.
CREATE TABLE reports (
  id INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
  channel TEXT NOT NULL,
  source TEXT NOT NULL,
  external_id TEXT,
  contact INTEGER REFERENCES contacts (subject),
  track BLOB,
  reported_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  description TEXT NOT NULL,
  facts TEXT NOT NULL
) STRICT;
CREATE INDEX reports_by_case ON reports (case_id);
CREATE UNIQUE INDEX reports_by_external ON reports (source, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX reports_by_track ON reports (track) WHERE track IS NOT NULL;
CREATE INDEX reports_by_contact ON reports (contact) WHERE contact IS NOT NULL;

-- The columns before `body` repeat what queues filter and sort by.
-- `due_at` is the largest integer where there is no deadline, so that those sort last;
-- `overdue_from` is the instant from which the case counts as overdue, NULL if it never does.
CREATE TABLE cases (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  phase INTEGER NOT NULL,
  state TEXT NOT NULL,
  class TEXT,
  office INTEGER,
  assignee INTEGER,
  cell INTEGER,
  division TEXT NOT NULL,
  priority INTEGER NOT NULL,
  channel TEXT NOT NULL,
  source TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  overdue_from INTEGER,
  lon REAL,
  lat REAL,
  about_office INTEGER,
  flags INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;

-- One index for each order a queue has. Each holds every column a queue is narrowed by, so that a page or a count reads
-- no case but those it shows. Open and done cases lie apart: most work is on the few open ones; the done ones grow with
-- every year and every imported history, always at the end of their indexes.
CREATE INDEX cases_open_by_due ON cases (phase, due_at, id, office, assignee, class, cell, state, priority, division,
  overdue_from, about_office, channel, source, opened_at, lon, lat) WHERE phase = 0;
CREATE INDEX cases_open_by_priority ON cases (phase, priority, due_at, id, office, assignee, class, cell, state, division,
  overdue_from, about_office, channel, source, opened_at, lon, lat) WHERE phase = 0;
CREATE INDEX cases_open_by_opened ON cases (phase, opened_at, id, office, assignee, class, cell, state, priority, division,
  overdue_from, about_office, channel, source, lon, lat) WHERE phase = 0;
CREATE INDEX cases_open_by_updated ON cases (phase, updated_at, id, office, assignee, class, cell, state, priority, division,
  overdue_from, about_office, channel, source, opened_at, lon, lat) WHERE phase = 0;
CREATE INDEX cases_done_by_due ON cases (phase, due_at, id, office, assignee, class, cell, state, priority, division,
  overdue_from, about_office, channel, source, opened_at, lon, lat) WHERE phase > 0;
CREATE INDEX cases_done_by_opened ON cases (phase, opened_at, id, office, assignee, class, cell, state, priority, division,
  overdue_from, about_office, channel, source, lon, lat) WHERE phase > 0;
CREATE INDEX cases_done_by_updated ON cases (phase, updated_at, id, office, assignee, class, cell, state, priority, division,
  overdue_from, about_office, channel, source, opened_at, lon, lat) WHERE phase > 0;

-- Everything that happened to a case, in order; also the outbox that live screens and couriers read.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES cases (id),
  at INTEGER NOT NULL,
  by INTEGER,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_case ON events (case_id);
CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER events_never_leave BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;

-- Every look at protected data.
CREATE TABLE accesses (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor INTEGER,
  action TEXT NOT NULL,
  resource TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  allowed INTEGER NOT NULL,
  count INTEGER NOT NULL
) STRICT;
CREATE INDEX accesses_by_resource ON accesses (resource, resource_id);
CREATE TRIGGER accesses_never_change BEFORE UPDATE ON accesses BEGIN
  SELECT RAISE(ABORT, 'accesses are append-only');
END;
CREATE TRIGGER accesses_never_leave BEFORE DELETE ON accesses BEGIN
  SELECT RAISE(ABORT, 'accesses are append-only');
END;

-- The vault. `key` is the subject's data key wrapped by the node's master key; without it `sealed` is noise.
CREATE TABLE contacts (
  subject INTEGER PRIMARY KEY,
  key BLOB,
  sealed BLOB NOT NULL,
  erased_at INTEGER
) STRICT;

CREATE TABLE offices (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  kind TEXT NOT NULL,
  parent INTEGER REFERENCES offices (id),
  division TEXT NOT NULL,
  is_active INTEGER NOT NULL
) STRICT;

CREATE TABLE divisions (
  code TEXT PRIMARY KEY,
  level TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL
) STRICT;

CREATE TABLE cells (
  id INTEGER PRIMARY KEY,
  scheme TEXT NOT NULL,
  code TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  division TEXT NOT NULL,
  population INTEGER,
  is_active INTEGER NOT NULL DEFAULT 1,
  geometry TEXT NOT NULL,
  UNIQUE (scheme, code)
) STRICT;

CREATE TABLE classes (
  code TEXT PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  roles TEXT NOT NULL,
  office INTEGER REFERENCES offices (id),
  division TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  password TEXT
) STRICT;
CREATE INDEX accounts_by_office ON accounts (office);

-- `token` is the SHA-256 of what the browser holds.
CREATE TABLE sessions (
  token BLOB PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES accounts (id),
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);

-- Documents that a jurisdiction may replace, every version kept.
CREATE TABLE settings (
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  by INTEGER,
  PRIMARY KEY (name, version)
) STRICT;

-- The bytes lie in the blobs folder under `digest`.
CREATE TABLE photos (
  id INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES cases (id),
  shows TEXT NOT NULL,
  digest TEXT NOT NULL,
  thumb TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX photos_by_case ON photos (case_id);

CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by INTEGER
) STRICT;

CREATE TABLE imports (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,
  state TEXT NOT NULL,
  plan TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  import INTEGER NOT NULL REFERENCES imports (id),
  line INTEGER NOT NULL,
  mended_at INTEGER,
  faults TEXT NOT NULL,
  fields TEXT NOT NULL,
  UNIQUE (import, line)
) STRICT;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  run_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER,
  error TEXT,
  dead_at INTEGER
) STRICT;
CREATE INDEX jobs_due ON jobs (run_at) WHERE dead_at IS NULL;

-- Words of a case: title, address and the descriptions of its reports, cut into tokens by `search.rs`.
CREATE VIRTUAL TABLE search USING fts5 (
  words, content = '', contentless_delete = 1, detail = none,
  tokenize = 'ascii'
);
-- Merging less often costs a search little and spares an import a tenth of its time.
INSERT INTO search (search, rank) VALUES ('automerge', 8);
