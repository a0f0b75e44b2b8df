-- Addresses that parents wish to sign in with in place of theirs (DIR-9): nothing changes until whoever is signed in
-- opens the link that was sent there.

CREATE TABLE new_addresses (
  school INTEGER NOT NULL,
  account INTEGER NOT NULL, -- PERSONAL
  email TEXT NOT NULL, -- PERSONAL
  email_key TEXT NOT NULL, -- PERSONAL
  -- When it was asked for last: what was sent before opens nothing.
  asked_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  PRIMARY KEY (account, school),
  FOREIGN KEY (account, school) REFERENCES accounts ON DELETE CASCADE
) STRICT;

-- The links that were sent there, one for each try to send it.
CREATE TABLE new_address_links (
  school INTEGER NOT NULL,
  digest BLOB NOT NULL, -- DIGEST: SHA-256 of the link's secret
  account INTEGER NOT NULL, -- PERSONAL
  PRIMARY KEY (digest, school),
  FOREIGN KEY (account, school) REFERENCES new_addresses ON DELETE CASCADE
) STRICT;
CREATE INDEX new_address_links_by_account ON new_address_links (account, school);
