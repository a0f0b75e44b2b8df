-- By what the keys are known again that links were made with. Nothing of a key follows from it.
CREATE TABLE known_keys (
  id INTEGER NOT NULL PRIMARY KEY,
  print BLOB NOT NULL -- DIGEST: HMAC-SHA-256 by the key itself, over words that no link is made of
) STRICT;
