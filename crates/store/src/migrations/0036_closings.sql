-- Whom parents are told after that booking has closed at its time (EVE-5): the last contact who was, while
-- it goes on, some at a time.

ALTER TABLE evenings ADD COLUMN closing_told INTEGER;
