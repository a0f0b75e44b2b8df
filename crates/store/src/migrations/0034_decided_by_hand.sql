-- What the office has decided against what a source says, and no import undoes (DIR-11).

-- They are not that student's parent or guardian.
CREATE TABLE kept_apart (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  student INTEGER NOT NULL,
  PRIMARY KEY (contact, student, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE
) STRICT;
CREATE INDEX kept_apart_by_student ON kept_apart (student, school);

-- They are not in that class.
CREATE TABLE kept_out_of_classes (
  school INTEGER NOT NULL,
  student INTEGER NOT NULL,
  class INTEGER NOT NULL,
  PRIMARY KEY (student, class, school),
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE,
  FOREIGN KEY (class, school) REFERENCES classes ON DELETE CASCADE
) STRICT;
CREATE INDEX kept_out_of_classes_by_class ON kept_out_of_classes (class, school);

-- 1 while they are still here though a source no longer names them.
ALTER TABLE students ADD COLUMN stays INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN stays INTEGER NOT NULL DEFAULT 0;

-- Ids in sources of people who were erased: an HMAC by the key of that number, and nothing of them.
CREATE TABLE erased_ids (
  school INTEGER NOT NULL,
  kind TEXT NOT NULL,
  digest BLOB NOT NULL,
  key INTEGER NOT NULL,
  PRIMARY KEY (digest, kind, school)
) STRICT;
