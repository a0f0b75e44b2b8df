-- A member of staff who is a parent too has one sign-in for both: the password of the staff opens both, that of the
-- parent's account opens the account alone (DIR-9).
CREATE TABLE hats (
  school INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  account INTEGER NOT NULL, -- PERSONAL
  made_at INTEGER NOT NULL,
  PRIMARY KEY (staff, school),
  UNIQUE (account, school),
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE,
  FOREIGN KEY (account, school) REFERENCES accounts ON DELETE CASCADE
) STRICT;

-- The session of the staff with which a parent's session belongs: whoever signs out of one has signed out of both.
ALTER TABLE account_sessions ADD COLUMN beside BLOB; -- DIGEST: SHA-256 of the cookie's value
CREATE INDEX account_sessions_by_beside ON account_sessions (beside, school);
