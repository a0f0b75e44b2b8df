-- Who is in which meeting, so that a program that starts again knows (SESS-8). Nothing here is secret,
-- and nothing is kept for longer than a day after its session ended.

-- How often the program has begun with these records: its sessions are numbered above those of every
-- run before.
CREATE TABLE runs (
  school INTEGER NOT NULL PRIMARY KEY REFERENCES schools,
  count INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  school INTEGER NOT NULL,
  -- Rises from session to session: it is the link's epoch too.
  id INTEGER NOT NULL,
  link INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  -- The press that made it, 32 hexadecimal digits.
  attempt TEXT NOT NULL,
  -- The numbers of the resume secrets that were shown last and sent last.
  shown INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  -- While it lives: its seat, or its place among those who wait; neither before it has come in.
  seat INTEGER,
  place INTEGER,
  -- replaced, withdrawn, disconnected, left, timed_out, time_up or ended, once it is over.
  parting TEXT,
  over_at INTEGER,
  PRIMARY KEY (id, school),
  FOREIGN KEY (school) REFERENCES schools
) STRICT;
-- One session of a link lives, and one holds a seat.
CREATE UNIQUE INDEX sessions_by_link ON sessions (link, school) WHERE parting IS NULL;
CREATE UNIQUE INDEX sessions_by_seat ON sessions (meeting, seat, school)
  WHERE parting IS NULL AND seat IS NOT NULL;
CREATE INDEX sessions_by_end ON sessions (over_at, school) WHERE parting IS NOT NULL;
