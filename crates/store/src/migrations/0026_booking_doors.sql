-- Who was told that booking opened or closed (EVE-5).

-- The closing time of which parents were told once it had passed.
ALTER TABLE evenings ADD COLUMN closing_told_at INTEGER;
-- The last press that opened or closed booking, 32 hexadecimal digits; empty where none was named.
ALTER TABLE evenings ADD COLUMN press TEXT NOT NULL DEFAULT '';
-- How many e-mails it queued, and how many people have no address; nothing where it told nobody.
ALTER TABLE evenings ADD COLUMN press_queued INTEGER;
ALTER TABLE evenings ADD COLUMN press_without INTEGER;
