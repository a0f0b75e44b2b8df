-- The folder of the settings in which another system leaves lists or an export (DIR-1).

CREATE TABLE import_folders (
  school INTEGER NOT NULL REFERENCES schools,
  -- The day at the school whose night is done, as 2026-11-29; empty where none is.
  night TEXT NOT NULL DEFAULT '',
  -- A digest of the files that were taken last, by which they are known again.
  taken TEXT NOT NULL DEFAULT '',
  -- The last run, as that of an information system.
  began_at INTEGER,
  ended_at INTEGER,
  outcome TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL DEFAULT 0,
  updated INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (school)
) STRICT;
