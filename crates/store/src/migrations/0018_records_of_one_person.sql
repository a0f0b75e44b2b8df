-- Two records of one person (DIR-13).

-- The office said that two contacts are two people, whatever they share; the lower id first.
CREATE TABLE told_apart (
  school INTEGER NOT NULL,
  one INTEGER NOT NULL, -- PERSONAL
  other INTEGER NOT NULL, -- PERSONAL
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (one, other, school),
  FOREIGN KEY (one, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (other, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;
CREATE INDEX told_apart_by_other ON told_apart (other, school);

-- Records that were made one with another. Such a record stays, and has left: an import that goes on
-- naming it means the other one, and the two can be parted again the same day.
CREATE TABLE joined_records (
  school INTEGER NOT NULL,
  gone INTEGER NOT NULL, -- PERSONAL
  kept INTEGER NOT NULL, -- PERSONAL
  joined_at INTEGER NOT NULL,
  -- What was so before: since when an order was in force on each, and since when the one had left.
  kept_order_at INTEGER, -- PERSONAL
  gone_order_at INTEGER, -- PERSONAL
  gone_left_at INTEGER,
  PRIMARY KEY (gone, school),
  FOREIGN KEY (gone, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (kept, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;
CREATE INDEX joined_records_by_kept ON joined_records (kept, school);

-- What came from the one to the other, so that it can go back.
CREATE TABLE joined_rows (
  school INTEGER NOT NULL,
  gone INTEGER NOT NULL, -- PERSONAL
  -- guardian, student, booking, invitation, link, meeting, visit, wish, approval, held, door,
  -- registration, account, details or alias.
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (gone, kind, id, school),
  FOREIGN KEY (gone, school) REFERENCES joined_records ON DELETE CASCADE
) STRICT;
