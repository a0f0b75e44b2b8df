-- The highest SEQUENCE of a calendar entry that an e-mail of the evening has had, to whomever: a link
-- that was withdrawn, and an address that is somebody else's now, are remembered by it.
ALTER TABLE evenings ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
