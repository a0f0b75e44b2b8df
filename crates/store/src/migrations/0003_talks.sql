-- How the talk of an appointment went, once somebody came to it. One for each time that it was to be
-- held at: of an appointment that was moved, what was before counts no more.
CREATE TABLE talks (
  school INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  start_at INTEGER NOT NULL,
  -- When somebody of the school was first there, somebody of the family, and both.
  school_at INTEGER,
  family_at INTEGER,
  met_at INTEGER,
  -- By how many milliseconds it was made longer.
  longer INTEGER NOT NULL,
  PRIMARY KEY (meeting, start_at, school),
  FOREIGN KEY (meeting, school) REFERENCES meetings ON DELETE CASCADE
) STRICT;
