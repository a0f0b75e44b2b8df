-- 1 while a teacher is still here, by the office's word, though a source no longer names them (DIR-11).

ALTER TABLE teachers ADD COLUMN stays INTEGER NOT NULL DEFAULT 0;
