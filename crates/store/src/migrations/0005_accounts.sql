-- Parents and guardians who register (DIR-3, DIR-5, DIR-9).

-- The invitation of a contact to register, as it was last sent: only that opens anything.
CREATE TABLE registrations (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL, -- PERSONAL
  -- Where it was sent: at another address it is another's.
  email_key TEXT NOT NULL, -- PERSONAL
  sent_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  PRIMARY KEY (contact, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;

-- The links of invitations, one for each try to send it. Those of an earlier one stay, so that
-- whoever opens one is told what has become of it.
CREATE TABLE registration_links (
  school INTEGER NOT NULL,
  digest BLOB NOT NULL, -- DIGEST: SHA-256 of the link's secret
  contact INTEGER NOT NULL, -- PERSONAL
  sent_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  PRIMARY KEY (digest, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;
CREATE INDEX registration_links_by_contact ON registration_links (contact, school);

CREATE TABLE accounts (
  school INTEGER NOT NULL REFERENCES schools,
  id INTEGER NOT NULL,
  email TEXT NOT NULL, -- PERSONAL
  email_key TEXT NOT NULL, -- PERSONAL
  password_hash TEXT NOT NULL, -- DIGEST: Argon2id, with its salt
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id, school),
  UNIQUE (email_key, school)
) STRICT;

-- Whose account it is: one person may stand in the records more than once.
CREATE TABLE account_contacts (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL, -- PERSONAL
  account INTEGER NOT NULL, -- PERSONAL
  PRIMARY KEY (contact, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (account, school) REFERENCES accounts ON DELETE CASCADE
) STRICT;
CREATE INDEX account_contacts_by_account ON account_contacts (account, school);

CREATE TABLE account_sessions (
  school INTEGER NOT NULL,
  digest BLOB NOT NULL, -- DIGEST: SHA-256 of the cookie's value
  account INTEGER NOT NULL, -- PERSONAL
  began_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  PRIMARY KEY (digest, school),
  FOREIGN KEY (account, school) REFERENCES accounts ON DELETE CASCADE
) STRICT;

-- Links by which somebody signs in who has forgotten their password.
CREATE TABLE account_links (
  school INTEGER NOT NULL,
  digest BLOB NOT NULL, -- DIGEST: SHA-256 of the link's secret
  account INTEGER NOT NULL, -- PERSONAL
  until_at INTEGER NOT NULL,
  PRIMARY KEY (digest, school),
  FOREIGN KEY (account, school) REFERENCES accounts ON DELETE CASCADE
) STRICT;
