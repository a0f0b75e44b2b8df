-- What the office has decided of classes against what a source says, and no import undoes (DIR-11).

-- 1 where the office has removed it: a source that goes on naming it does not bring it back.
ALTER TABLE classes ADD COLUMN stays_out INTEGER NOT NULL DEFAULT 0;

-- Who took a class by the source's word when the office gave it to others.
CREATE TABLE taken_otherwise (
  school INTEGER NOT NULL,
  class INTEGER NOT NULL,
  teacher INTEGER NOT NULL,
  PRIMARY KEY (class, teacher, school),
  FOREIGN KEY (class, school) REFERENCES classes ON DELETE CASCADE,
  FOREIGN KEY (teacher, school) REFERENCES teachers ON DELETE CASCADE
) STRICT;
CREATE INDEX taken_otherwise_by_teacher ON taken_otherwise (teacher, school);
