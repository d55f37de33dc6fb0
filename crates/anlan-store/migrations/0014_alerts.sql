-- Alerts as they came: the row a list shows, the events it is folded from, and the document byte for byte.
-- `ends_at` is null where the message does not say until when it holds; `is_open` tells those that no later message ended.
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  is_telling INTEGER NOT NULL,
  sender TEXT NOT NULL,
  identifier TEXT NOT NULL,
  sent INTEGER NOT NULL,
  ends_at INTEGER,
  received_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (sender, identifier, sent)
) STRICT;
CREATE INDEX alerts_by_receipt ON alerts (received_at, id);
CREATE INDEX alerts_by_update ON alerts (updated_at);
CREATE INDEX alerts_open ON alerts (ends_at) WHERE is_open = 1 AND is_telling = 1;

CREATE TABLE alert_events (
  seq INTEGER PRIMARY KEY,
  alert INTEGER NOT NULL REFERENCES alerts (id),
  at INTEGER NOT NULL,
  by INTEGER,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX alert_events_by_alert ON alert_events (alert);
CREATE TRIGGER alert_events_never_change BEFORE UPDATE ON alert_events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER alert_events_never_leave BEFORE DELETE ON alert_events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;

CREATE TABLE alert_documents (
  alert INTEGER PRIMARY KEY REFERENCES alerts (id),
  document BLOB NOT NULL
) STRICT;

-- Which messages an alert names that came before it: so that it is found when one of them comes later.
CREATE TABLE alert_references (
  alert INTEGER NOT NULL REFERENCES alerts (id),
  sender TEXT NOT NULL,
  identifier TEXT NOT NULL,
  sent INTEGER NOT NULL,
  PRIMARY KEY (sender, identifier, sent, alert)
) STRICT, WITHOUT ROWID;

-- When a feed was asked last, when it answered well last, and what was wrong since.
CREATE TABLE alert_feeds (
  name TEXT PRIMARY KEY,
  read_at INTEGER,
  good_at INTEGER,
  trouble TEXT
) STRICT;
