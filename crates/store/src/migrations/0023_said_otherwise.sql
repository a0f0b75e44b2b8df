-- What contacts say of themselves and the school's records say otherwise (DIR-12).

CREATE TABLE said_otherwise (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL, -- PERSONAL
  -- What it is: `email`.
  what TEXT NOT NULL,
  -- What they say themselves.
  own TEXT NOT NULL, -- PERSONAL
  -- What the school's records say, as a source said it last; nothing where none did.
  records TEXT, -- PERSONAL
  -- What the records said when the office accepted theirs.
  accepted_beside TEXT, -- PERSONAL
  -- When they said it, or a source another.
  said_at INTEGER NOT NULL,
  PRIMARY KEY (contact, what, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;
