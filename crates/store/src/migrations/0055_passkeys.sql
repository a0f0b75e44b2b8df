-- Passkeys of whoever of the staff signs in by a password (OPS-7): WebAuthn Level 2. A second factor has an
-- authenticator app, passkeys, or both: without an app, `secret` of `second_factors` is empty.
CREATE TABLE passkeys (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  credential BLOB NOT NULL, -- what the authenticator calls it
  public_key BLOB NOT NULL, -- SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)
  algorithm INTEGER NOT NULL, -- as COSE numbers them
  sign_count INTEGER NOT NULL, -- what the authenticator counted last; 0 where it counts nothing
  transports TEXT NOT NULL, -- how browsers reach it, words with commas between them
  name TEXT NOT NULL, -- PERSONAL
  added_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (id, school),
  UNIQUE (credential, school),
  FOREIGN KEY (staff, school) REFERENCES second_factors ON DELETE CASCADE
) STRICT;
CREATE INDEX passkeys_by_staff ON passkeys (staff, school);

-- What passkeys are asked to sign: good once, and only where it was asked for.
CREATE TABLE passkey_challenges (
  school INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  digest BLOB NOT NULL, -- DIGEST: SHA-256 of the challenge
  bound BLOB NOT NULL, -- DIGEST: of what it was asked for
  until_at INTEGER NOT NULL,
  PRIMARY KEY (digest, school),
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE
) STRICT;
CREATE INDEX passkey_challenges_by_staff ON passkey_challenges (staff, until_at, school);
