-- What is kept of who somebody is, so that a court order on them outlives what the records say today (DIR-4,
-- DIR-13): it is only ever added to, and read where an order is in force.

-- What a contact is and was called, and where they were reached under that name.
CREATE TABLE known_as (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  name TEXT NOT NULL, -- PERSONAL
  name_key TEXT NOT NULL, -- PERSONAL
  email TEXT, -- PERSONAL
  email_key TEXT NOT NULL, -- PERSONAL; empty for no address
  PRIMARY KEY (contact, name_key, email_key, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;
INSERT INTO known_as (school, contact, name, name_key, email, email_key)
  SELECT school, id, name, name_key, email, COALESCE(email_key, '') FROM contacts;

-- At which numbers they are and were reached.
CREATE TABLE known_numbers (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  number TEXT NOT NULL, -- PERSONAL
  PRIMARY KEY (contact, number, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;
INSERT INTO known_numbers (school, contact, number)
  SELECT school, id, mobile FROM contacts WHERE mobile <> ''
  UNION SELECT school, id, telephone FROM contacts WHERE telephone <> ''
  UNION SELECT school, contact, telephone FROM contact_details WHERE telephone <> '';

-- Whose parent or guardian a contact is or was, or was said to be. The ids alone outlive an erasure of either
-- person, as in the audit log: through somebody who is erased two others may be of one family.
CREATE TABLE known_with (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  student INTEGER NOT NULL,
  PRIMARY KEY (contact, student, school)
) STRICT;
CREATE INDEX known_with_by_student ON known_with (student, school);
INSERT INTO known_with (school, contact, student)
  SELECT school, contact, student FROM guardians
  UNION SELECT school, contact, student FROM former_guardians
  UNION SELECT school, contact, student FROM kept_apart;

-- That a contact is not the person with a court order holds for the names and addresses that were looked at.
ALTER TABLE two_people RENAME TO two_people_before;
CREATE TABLE two_people (
  school INTEGER NOT NULL,
  barred INTEGER NOT NULL, -- PERSONAL
  contact INTEGER NOT NULL, -- PERSONAL
  -- Of each, folded as they are compared; empty for no address.
  barred_name_key TEXT NOT NULL, -- PERSONAL
  barred_email_key TEXT NOT NULL, -- PERSONAL
  name_key TEXT NOT NULL, -- PERSONAL
  email_key TEXT NOT NULL, -- PERSONAL
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (barred, contact, barred_name_key, barred_email_key, name_key, email_key, school),
  FOREIGN KEY (barred, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;
INSERT INTO two_people (school, barred, contact, barred_name_key, barred_email_key, name_key, email_key, decided_at)
  SELECT told.school, told.barred, told.contact, barred.name_key, COALESCE(barred.email_key, ''),
    contacts.name_key, COALESCE(contacts.email_key, ''), told.decided_at
  FROM two_people_before AS told
  JOIN contacts AS barred ON barred.school = told.school AND barred.id = told.barred
  JOIN contacts ON contacts.school = told.school AND contacts.id = told.contact;
DROP TABLE two_people_before;
