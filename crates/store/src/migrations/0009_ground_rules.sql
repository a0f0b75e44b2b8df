-- Which version of the ground rules the holder of a link has accepted, and when (SCR-15).
ALTER TABLE links ADD COLUMN rules INTEGER;
ALTER TABLE links ADD COLUMN rules_at INTEGER;
