-- Posts: roles at an office that people hold for a time. A station account is a post at a station's office.
CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  office INTEGER NOT NULL REFERENCES offices (id),
  division TEXT NOT NULL,
  roles TEXT NOT NULL,
  roster TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  UNIQUE (office, name)
) STRICT;

-- Who holds a post when: members, shifts and deputies. Only the end of a row may change, and only to an earlier one.
CREATE TABLE post_rows (
  id INTEGER PRIMARY KEY,
  post INTEGER NOT NULL REFERENCES posts (id),
  kind TEXT NOT NULL,
  account INTEGER NOT NULL REFERENCES accounts (id),
  stands_for INTEGER REFERENCES accounts (id),
  from_at INTEGER NOT NULL,
  until_at INTEGER,
  reference TEXT NOT NULL,
  by INTEGER NOT NULL REFERENCES accounts (id),
  at INTEGER NOT NULL,
  ended_by INTEGER REFERENCES accounts (id)
) STRICT;
CREATE INDEX post_rows_by_post ON post_rows (post, until_at);
CREATE INDEX post_rows_by_account ON post_rows (account, until_at);
CREATE TRIGGER post_rows_only_end BEFORE UPDATE ON post_rows
WHEN NEW.id IS NOT OLD.id OR NEW.post IS NOT OLD.post OR NEW.kind IS NOT OLD.kind
  OR NEW.account IS NOT OLD.account OR NEW.stands_for IS NOT OLD.stands_for OR NEW.from_at IS NOT OLD.from_at
  OR NEW.reference IS NOT OLD.reference OR NEW.by IS NOT OLD.by OR NEW.at IS NOT OLD.at
  OR coalesce(NEW.until_at, 9223372036854775807) > coalesce(OLD.until_at, 9223372036854775807)
BEGIN
  SELECT RAISE(ABORT, 'a row of a post can only be ended');
END;

-- The post that somebody acts for in this session, and the one an access was made or an event caused for.
ALTER TABLE sessions ADD COLUMN post INTEGER REFERENCES posts (id);
ALTER TABLE accesses ADD COLUMN post INTEGER;
ALTER TABLE events ADD COLUMN post INTEGER;
