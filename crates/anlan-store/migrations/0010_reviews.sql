-- How far the access review has read: the rows of the access log that belong to each day, by the node's calendar.
CREATE TABLE review_progress (
  day INTEGER PRIMARY KEY,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL
) STRICT;

-- One account's day in figures: from these the usual is told.
CREATE TABLE review_days (
  day INTEGER NOT NULL,
  account INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (day, account)
) STRICT, WITHOUT ROWID;

-- Looks that nothing, or only office or post, explained, by their number in the access log. `spot` is the place to about fifty metres.
CREATE TABLE review_looks (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  account INTEGER NOT NULL,
  case_id INTEGER NOT NULL,
  spot TEXT NOT NULL,
  is_explained INTEGER NOT NULL
) STRICT;
CREATE INDEX review_looks_by_time ON review_looks (at);
CREATE INDEX review_looks_by_case ON review_looks (case_id);

-- A review is the fold of its events, as a case is. `points` is the score in thousandths: what the queue is ranked by.
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  account INTEGER NOT NULL,
  day INTEGER NOT NULL,
  points INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (account, day)
) STRICT;
CREATE INDEX reviews_by_points ON reviews (points, id);

CREATE TABLE review_events (
  seq INTEGER PRIMARY KEY,
  review INTEGER NOT NULL REFERENCES reviews (id),
  at INTEGER NOT NULL,
  by INTEGER,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX review_events_by_review ON review_events (review);
CREATE TRIGGER review_events_never_change BEFORE UPDATE ON review_events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER review_events_never_leave BEFORE DELETE ON review_events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;

-- Written orders that explain accesses: deputising, a project, a sample.
CREATE TABLE review_mandates (
  id INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES accounts (id),
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  by INTEGER
) STRICT;
