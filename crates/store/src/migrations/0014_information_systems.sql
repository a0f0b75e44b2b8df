-- The information system that a school's people are taken from, at night and where the office asks (DIR-1).

CREATE TABLE information_systems (
  school INTEGER NOT NULL REFERENCES schools,
  -- Where its records are kept: a region of Wonde's.
  region TEXT NOT NULL,
  -- The school's id there.
  id_there TEXT NOT NULL,
  -- What lets us read, locked with the file `keys`.
  token BLOB NOT NULL,
  -- 1 where it is asked every night.
  nightly INTEGER NOT NULL,
  -- The day at the school whose night is done, as 2026-11-29.
  night TEXT NOT NULL,
  -- The last run: when it began; when it ended, nothing while it goes on; what it came to, as a code; and
  -- where it broke off, which names nobody.
  began_at INTEGER,
  ended_at INTEGER,
  outcome TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '',
  -- How many rows it had of each kind, and how many people left with it.
  created INTEGER NOT NULL DEFAULT 0,
  updated INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (school)
) STRICT;
