-- Court orders that an information system says and that could not be entered (DIR-4): of nobody who is known
-- here. Its next import that has read everybody says anew which these are.

CREATE TABLE unentered_orders (
  school INTEGER NOT NULL,
  -- By what it is known again: an id there, or names.
  key TEXT NOT NULL, -- PERSONAL
  -- Whom it is on, and whose contact they are there.
  name TEXT NOT NULL, -- PERSONAL
  student TEXT NOT NULL, -- PERSONAL
  said_at INTEGER NOT NULL,
  PRIMARY KEY (key, school)
) STRICT;

-- Of a run: how many people stay because a refused row may be theirs, and how many orders could not be
-- entered.
ALTER TABLE information_systems ADD COLUMN kept_back INTEGER NOT NULL DEFAULT 0;
ALTER TABLE information_systems ADD COLUMN unentered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE import_folders ADD COLUMN kept_back INTEGER NOT NULL DEFAULT 0;
ALTER TABLE import_folders ADD COLUMN unentered INTEGER NOT NULL DEFAULT 0;
