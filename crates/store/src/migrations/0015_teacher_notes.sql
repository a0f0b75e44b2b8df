-- What those who take an appointment wrote down for themselves: nobody else reads it.
ALTER TABLE bookings ADD COLUMN teacher_note TEXT NOT NULL DEFAULT ''; -- PERSONAL
