-- As whom an account's holder is known to a provider elsewhere. `login` is the name that was named beforehand; `subject` the
-- provider's own and lasting word for the person, kept when they first come, and from then on the only one that counts.
CREATE TABLE identities (
  account INTEGER PRIMARY KEY REFERENCES accounts (id),
  issuer TEXT NOT NULL,
  login TEXT NOT NULL,
  subject TEXT,
  named_at INTEGER NOT NULL,
  used_at INTEGER,
  UNIQUE (issuer, login),
  UNIQUE (issuer, subject)
) STRICT;

-- Browsers that were sent to a provider and are not back yet. `token` is the SHA-256 of what the browser holds.
CREATE TABLE departures (
  token BLOB PRIMARY KEY,
  provider TEXT NOT NULL,
  back TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

-- Accounts of machines. They have no password and no session.
CREATE TABLE machines (
  account INTEGER PRIMARY KEY REFERENCES accounts (id)
) STRICT;

-- `token` is the SHA-256 of what the machine shows: 256 random bits, so that nothing slower is needed.
CREATE TABLE machine_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES machines (account),
  token BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  networks TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX machine_keys_by_account ON machine_keys (account);

-- Accounts that a directory elsewhere keeps. `keeper` is its machine account, `group_roles` what the account holds for groups.
CREATE TABLE provisions (
  account INTEGER PRIMARY KEY REFERENCES accounts (id),
  keeper INTEGER NOT NULL REFERENCES machines (account),
  external TEXT,
  group_roles TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX provisions_by_keeper ON provisions (keeper, account);

-- Groups of a directory. `roles` is what somebody here decided that its members hold.
CREATE TABLE directory_groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  keeper INTEGER NOT NULL REFERENCES machines (account),
  name TEXT NOT NULL,
  external TEXT,
  roles TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  UNIQUE (keeper, name)
) STRICT;

CREATE TABLE group_members (
  of INTEGER NOT NULL REFERENCES directory_groups (id),
  account INTEGER NOT NULL REFERENCES provisions (account),
  PRIMARY KEY (of, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_by_account ON group_members (account);
