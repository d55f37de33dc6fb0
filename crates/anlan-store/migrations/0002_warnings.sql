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

-- Whatever writes a case, its count is written by the same statement.
CREATE TRIGGER cases_counted AFTER INSERT ON cases WHEN new.phase < 2 BEGIN
  INSERT INTO counts (hour, class, cell, source, marks, count)
    VALUES ((new.opened_at - ((new.opened_at % 3600000) + 3600000) % 3600000) / 3600000, coalesce(new.class, ''),
      coalesce(new.cell, 0), new.source, ((new.flags & 2) <> 0) + ((new.flags & 4) <> 0) * 2 + (new.channel = 'import') * 4, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER cases_recounted AFTER UPDATE OF phase, class, cell, source, channel, flags, opened_at ON cases
WHEN (old.phase < 2) <> (new.phase < 2) OR old.class IS NOT new.class OR old.cell IS NOT new.cell
  OR old.source <> new.source OR old.channel <> new.channel OR old.flags <> new.flags OR old.opened_at <> new.opened_at
BEGIN
  UPDATE counts SET count = count - 1 WHERE old.phase < 2 AND hour = (old.opened_at - ((old.opened_at % 3600000) + 3600000) % 3600000) / 3600000 AND class = coalesce(old.class, '')
    AND cell = coalesce(old.cell, 0) AND source = old.source AND marks = ((old.flags & 2) <> 0) + ((old.flags & 4) <> 0) * 2 + (old.channel = 'import') * 4;
  DELETE FROM counts WHERE count < 1 AND hour = (old.opened_at - ((old.opened_at % 3600000) + 3600000) % 3600000) / 3600000 AND class = coalesce(old.class, '')
    AND cell = coalesce(old.cell, 0) AND source = old.source AND marks = ((old.flags & 2) <> 0) + ((old.flags & 4) <> 0) * 2 + (old.channel = 'import') * 4;
  INSERT INTO counts (hour, class, cell, source, marks, count)
    SELECT (new.opened_at - ((new.opened_at % 3600000) + 3600000) % 3600000) / 3600000, coalesce(new.class, ''),
      coalesce(new.cell, 0), new.source, ((new.flags & 2) <> 0) + ((new.flags & 4) <> 0) * 2 + (new.channel = 'import') * 4, 1
    WHERE new.phase < 2
    ON CONFLICT DO UPDATE SET count = count + 1;
END;

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
