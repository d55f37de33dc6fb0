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
