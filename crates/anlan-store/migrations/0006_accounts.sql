-- Sessions have a number that may be shown (the token's hash may not), what their holder knows them by, and when it was
-- last proven who is there. Those from before end: their holders sign in again.
DROP TABLE sessions;
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token BLOB NOT NULL UNIQUE,
  account INTEGER NOT NULL REFERENCES accounts (id),
  agent TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  proven_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);

-- Sign-ins whose name and password were right and which wait for a further step.
CREATE TABLE half_sessions (
  token BLOB PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES accounts (id),
  step TEXT NOT NULL,
  tries INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

-- Failed tries, counted by account name, address or browser. `key` is an address, or an HMAC of the name.
CREATE TABLE locks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  account INTEGER REFERENCES accounts (id),
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  wait_until INTEGER NOT NULL,
  UNIQUE (kind, key)
) STRICT;

-- Until when the password is a one-time word; NULL if it is the holder's own.
ALTER TABLE accounts ADD COLUMN word_until INTEGER;

-- Authenticator apps (RFC 6238). `sealed` is the shared secret, `last_step` the newest time step a code was taken of.
CREATE TABLE totps (
  account INTEGER PRIMARY KEY REFERENCES accounts (id),
  sealed BLOB NOT NULL,
  confirmed_at INTEGER,
  last_step INTEGER NOT NULL
) STRICT;

-- `digest` is the SHA-256 of a code of 120 random bits.
CREATE TABLE recovery_codes (
  account INTEGER NOT NULL REFERENCES accounts (id),
  digest BLOB NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (account, digest)
) STRICT;

CREATE TABLE passkeys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES accounts (id),
  credential BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  body BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX passkeys_by_account ON passkeys (account);

-- What a browser was asked to sign, until it answers.
CREATE TABLE challenges (
  challenge BLOB PRIMARY KEY,
  account INTEGER REFERENCES accounts (id),
  body BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
