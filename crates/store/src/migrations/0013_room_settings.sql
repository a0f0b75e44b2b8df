-- What the office says of a meeting room besides its members and its door (ROOM-6), and what its guests
-- enter besides their names.

-- When guests may come, written as the hours of areas are; empty where always.
ALTER TABLE rooms ADD COLUMN hours TEXT NOT NULL DEFAULT '';
-- Some of `email`, `mobile` and `reason`, a space between two.
ALTER TABLE rooms ADD COLUMN asks TEXT NOT NULL DEFAULT '';
-- After how many minutes a call in it ends; nothing where none does.
ALTER TABLE rooms ADD COLUMN limit_min INTEGER;
-- Set while the office has it closed: its links open nothing.
ALTER TABLE rooms ADD COLUMN closed_at INTEGER;

ALTER TABLE visitors ADD COLUMN email TEXT; -- PERSONAL
ALTER TABLE visitors ADD COLUMN email_key TEXT; -- PERSONAL
ALTER TABLE visitors ADD COLUMN mobile TEXT; -- PERSONAL
ALTER TABLE visitors ADD COLUMN reason TEXT NOT NULL DEFAULT ''; -- PERSONAL
ALTER TABLE held_at_doors ADD COLUMN email TEXT; -- PERSONAL
ALTER TABLE held_at_doors ADD COLUMN mobile TEXT; -- PERSONAL
