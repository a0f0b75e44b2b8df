-- Where students, contacts, teachers and classes come from (DIR-1, DIR-11).
--
-- `from_source` is 1 for what an import brought: an import may take it away again. What the office
-- entered by hand is 0, and stays. `gone_at` is since when somebody has left.

ALTER TABLE students ADD COLUMN from_source INTEGER NOT NULL DEFAULT 0;
ALTER TABLE students ADD COLUMN gone_at INTEGER;
ALTER TABLE contacts ADD COLUMN from_source INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN gone_at INTEGER;
-- The id in the system that the import came from.
ALTER TABLE contacts ADD COLUMN source TEXT; -- PERSONAL
ALTER TABLE teachers ADD COLUMN from_source INTEGER NOT NULL DEFAULT 0;
ALTER TABLE teachers ADD COLUMN source TEXT; -- PERSONAL
ALTER TABLE classes ADD COLUMN from_source INTEGER NOT NULL DEFAULT 0;
ALTER TABLE classes ADD COLUMN source TEXT;
ALTER TABLE guardians ADD COLUMN from_source INTEGER NOT NULL DEFAULT 0;
ALTER TABLE class_students ADD COLUMN from_source INTEGER NOT NULL DEFAULT 0;

-- What was entered by hand until now has its row in the log; everything else was imported.
UPDATE students SET from_source = 1 WHERE source IS NOT NULL;
UPDATE contacts SET from_source = 1 WHERE NOT EXISTS (
  SELECT 1 FROM guardians
  JOIN students ON students.school = guardians.school AND students.id = guardians.student
  WHERE guardians.school = contacts.school AND guardians.contact = contacts.id
    AND students.from_source = 0)
  AND EXISTS (SELECT 1 FROM guardians
    WHERE guardians.school = contacts.school AND guardians.contact = contacts.id)
  AND 'contact:' || id NOT IN (SELECT subject FROM audit WHERE action = 'added');
UPDATE guardians SET from_source = 1 WHERE contact IN (SELECT id FROM contacts WHERE from_source = 1)
  AND student IN (SELECT id FROM students WHERE from_source = 1);

-- Whose guardian somebody was when either of them left: it is so again when they are back.
CREATE TABLE former_guardians (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  student INTEGER NOT NULL,
  relationship TEXT NOT NULL, -- PERSONAL
  from_source INTEGER NOT NULL,
  PRIMARY KEY (contact, student, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE
) STRICT;
CREATE INDEX former_guardians_by_student ON former_guardians (student, school);
