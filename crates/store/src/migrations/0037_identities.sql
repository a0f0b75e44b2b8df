-- Whom of the staff the school's provider signs in (OpenID Connect, OPS-7): by what it calls them for good,
-- which is no address.
CREATE TABLE identities (
  school INTEGER NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL, -- PERSONAL
  staff INTEGER NOT NULL,
  client TEXT NOT NULL, -- what the provider called this server then: some call people otherwise for each
  bound_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject, school),
  UNIQUE (staff, issuer, school),
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE
) STRICT;

-- Whether a password was made on the machine itself: it opens where passwords open nothing.
ALTER TABLE staff ADD COLUMN last_resort INTEGER NOT NULL DEFAULT 0;
