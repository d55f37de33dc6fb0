-- How many cases per hour of receipt, class and cell: what detectors read instead of cases. Void cases count nowhere.
-- `hour` counts hours since 1970 UTC; `class` is '' and `cell` 0 where there is none. `marks`: 1 the point is a source's
-- stand-in, 2 the source marks a repeat, 4 it came with a file. `source` keeps feeds apart that a node leaves out.
CREATE TABLE counts (
  hour INTEGER NOT NULL,
  class TEXT NOT NULL,
  cell INTEGER NOT NULL,
  source TEXT NOT NULL,
  marks INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (hour, class, cell, source, marks)
) STRICT, WITHOUT ROWID;
INSERT INTO counts (hour, class, cell, source, marks, count)
  SELECT (opened_at - ((opened_at % 3600000) + 3600000) % 3600000) / 3600000, coalesce(class, ''), coalesce(cell, 0), source,
    ((flags & 2) <> 0) + ((flags & 4) <> 0) * 2 + (channel = 'import') * 4, count(*)
  FROM cases WHERE phase < 2 GROUP BY 1, 2, 3, 4, 5;

-- A warning is the fold of its events, as a case is. `ended` tells those whose counts are back to usual.
CREATE TABLE warnings (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  class_group TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  is_standing INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX warnings_by_update ON warnings (updated_at);
CREATE INDEX warnings_by_raising ON warnings (raised_at, id);
CREATE INDEX warnings_standing ON warnings (class_group) WHERE is_standing = 1;

CREATE TABLE warning_events (
  seq INTEGER PRIMARY KEY,
  warning INTEGER NOT NULL REFERENCES warnings (id),
  at INTEGER NOT NULL,
  by INTEGER,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX warning_events_by_warning ON warning_events (warning);
CREATE TRIGGER warning_events_never_change BEFORE UPDATE ON warning_events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;
CREATE TRIGGER warning_events_never_leave BEFORE DELETE ON warning_events BEGIN
  SELECT RAISE(ABORT, 'events are append-only');
END;

-- What a detector saw each day at its highest: for the chart, "why not earlier", and budgets tried on the past.
CREATE TABLE looks (
  class_group TEXT NOT NULL,
  day INTEGER NOT NULL,
  method TEXT NOT NULL,
  at INTEGER NOT NULL,
  observed INTEGER NOT NULL,
  expected REAL NOT NULL,
  statistic REAL NOT NULL,
  recurrence_days REAL NOT NULL,
  cells TEXT NOT NULL,
  PRIMARY KEY (class_group, day, method)
) STRICT, WITHOUT ROWID;
