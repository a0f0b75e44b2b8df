-- A second factor of whoever of the staff signs in by a password (OPS-7): time-based one-time codes (RFC 6238).
CREATE TABLE second_factors (
  school INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  secret BLOB NOT NULL, -- locked with the keys of the server
  -- The newest time step whose code was taken: a code is good once (RFC 6238 section 5.2).
  used_step INTEGER NOT NULL,
  -- Codes that were wrong since the one of wrong_at, the first of them.
  wrong INTEGER NOT NULL DEFAULT 0,
  wrong_at INTEGER,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (staff, school),
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE
) STRICT;

-- Codes for whoever has lost what makes the others; each is good once.
CREATE TABLE recovery_codes (
  school INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  digest BLOB NOT NULL, -- DIGEST: SHA-256 of the code
  used_at INTEGER,
  PRIMARY KEY (staff, digest, school),
  FOREIGN KEY (staff, school) REFERENCES second_factors ON DELETE CASCADE
) STRICT;
