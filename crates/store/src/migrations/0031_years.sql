-- The year or grade that a student is in (DIR-6): as it is shown, and as it is compared.

ALTER TABLE students ADD COLUMN year TEXT NOT NULL DEFAULT ''; -- PERSONAL
ALTER TABLE students ADD COLUMN year_key TEXT NOT NULL DEFAULT ''; -- PERSONAL
