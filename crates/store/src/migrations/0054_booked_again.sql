-- An appointment that was not held is in nobody's way: its class may be booked again the same evening.

-- 1 once it was.
ALTER TABLE bookings ADD COLUMN booked_again INTEGER NOT NULL DEFAULT 0;
DROP INDEX bookings_by_class;
CREATE UNIQUE INDEX bookings_by_class ON bookings (evening, parent, student, class, school)
  WHERE cancelled_at IS NULL AND booked_again = 0;
