-- Names that parents say are spelt otherwise: their own, and those of their students (DIR-9).

CREATE TABLE said_names (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  -- Who says it.
  contact INTEGER NOT NULL,
  -- Whose name it is: a student of theirs; nothing where it is their own.
  student INTEGER,
  name TEXT NOT NULL, -- PERSONAL
  -- 1 once the office has kept the name that stood.
  is_kept INTEGER NOT NULL DEFAULT 0,
  -- What the office said to that; may be empty.
  word TEXT NOT NULL DEFAULT '', -- PERSONAL
  said_at INTEGER NOT NULL,
  PRIMARY KEY (id, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE
) STRICT;
CREATE INDEX said_names_by_contact ON said_names (contact, school);
CREATE INDEX said_names_by_student ON said_names (student, school);

-- What the school's records call somebody, as a source said it last, where the office has accepted another
-- name from a parent; nothing elsewhere.
ALTER TABLE contacts ADD COLUMN records_name TEXT; -- PERSONAL
ALTER TABLE students ADD COLUMN records_name TEXT; -- PERSONAL
