-- 1 where parents are told of a press, some at a time: of what closed at its time nobody is told at night.

ALTER TABLE evenings ADD COLUMN told_by_press INTEGER NOT NULL DEFAULT 0;
