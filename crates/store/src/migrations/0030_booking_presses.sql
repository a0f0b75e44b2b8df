-- Booking that closed at its time and was told of is closed, and every press that opened or closed it is known (EVE-5).

CREATE TABLE booking_presses (
  school INTEGER NOT NULL,
  -- 32 hexadecimal digits, which whoever presses again because an answer was lost sends again.
  attempt TEXT NOT NULL,
  evening INTEGER NOT NULL,
  -- What was wished: to open it or to close it, until when where that was another moment, and to tell parents.
  opens INTEGER NOT NULL,
  closes_at INTEGER,
  tells INTEGER NOT NULL,
  -- How many e-mails it queued, and how many people have no address; nothing where it told nobody.
  queued INTEGER,
  without_address INTEGER,
  pressed_at INTEGER NOT NULL,
  PRIMARY KEY (attempt, school),
  FOREIGN KEY (evening, school) REFERENCES evenings
) STRICT;

UPDATE evenings SET booking = 'closed' WHERE booking = 'open' AND closing_told_at = closes_at;
ALTER TABLE evenings DROP COLUMN closing_told_at;
ALTER TABLE evenings DROP COLUMN press;
ALTER TABLE evenings DROP COLUMN press_queued;
ALTER TABLE evenings DROP COLUMN press_without;
