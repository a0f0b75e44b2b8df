-- Several nodes on one PostgreSQL (OPS-2): which there are, and whose each meeting is. A program on its
-- own, with SQLite or without other nodes, leaves these empty.

-- A row for each run of a node, renewed while it lives.
CREATE TABLE nodes (
  -- 32 hexadecimal digits, drawn for this run.
  boot TEXT NOT NULL PRIMARY KEY,
  -- As it is called in its settings.
  name TEXT NOT NULL,
  -- Host and port at which the others reach it.
  address TEXT NOT NULL,
  -- When it last said that it lives, by PostgreSQL's clock.
  seen_at INTEGER NOT NULL,
  -- Whether it has ended, or is held to have: nothing that it writes counts any more.
  is_gone INTEGER NOT NULL
) STRICT;

-- Whose a meeting is. A row stays when nobody is in it any more: terms rise.
CREATE TABLE owners (
  school INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  term INTEGER NOT NULL,
  -- The run that has it; none where nobody does.
  boot TEXT,
  PRIMARY KEY (meeting, school),
  FOREIGN KEY (school) REFERENCES schools
) STRICT;

-- The number of the newest session that any node began.
CREATE TABLE session_numbers (
  school INTEGER NOT NULL PRIMARY KEY REFERENCES schools,
  newest INTEGER NOT NULL
) STRICT;

-- A claim reads all that is kept of its link.
CREATE INDEX sessions_of_link ON sessions (link, school, id);
