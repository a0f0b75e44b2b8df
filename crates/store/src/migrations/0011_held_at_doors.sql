-- Whoever left their name at the door of a room or a waiting area and may be somebody with a court order
-- (DIR-4): nobody there, until the office lets them in under this id.
CREATE TABLE held_at_doors (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  scope INTEGER NOT NULL,
  name TEXT NOT NULL, -- PERSONAL
  -- Why they came, in their words; may be empty.
  reason TEXT NOT NULL, -- PERSONAL
  -- The press by which they came: pressed again, it is the same person, whatever name they give.
  attempt TEXT NOT NULL,
  -- The contact with a court order who they may be, no reference, and by what.
  may_be INTEGER NOT NULL,
  held_because TEXT NOT NULL,
  held_at INTEGER NOT NULL,
  let_in_at INTEGER,
  turned_away_at INTEGER,
  PRIMARY KEY (id, school),
  UNIQUE (scope, attempt, school),
  FOREIGN KEY (scope, school) REFERENCES scopes
) STRICT;
CREATE INDEX held_at_doors_by_time ON held_at_doors (held_at, school);

-- Set where a guest of a room is one no more before their day is over.
ALTER TABLE visitors ADD COLUMN removed_at INTEGER;
