-- Parents whom an office or another parent named from a student's profile, and what they say of
-- themselves (DIR-6, DIR-8).

-- Whether parents may invite other parents of their children: `never`, `approved` or `always`.
ALTER TABLE schools ADD COLUMN parents_invite TEXT NOT NULL DEFAULT 'approved';

-- 1 where the school reminds whoever has not registered.
ALTER TABLE schools ADD COLUMN reminds INTEGER NOT NULL DEFAULT 0;
-- How many reminders of an invitation to register were sent.
ALTER TABLE registrations ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0;

-- Who has sent an invitation to register: somebody of the office, or a parent. No reference: they may
-- be erased before.
ALTER TABLE registrations ADD COLUMN inviter INTEGER;
-- 1 where whoever it is for is asked for their details before they register.
ALTER TABLE registrations ADD COLUMN asks_details INTEGER NOT NULL DEFAULT 0;

-- What contacts have said of themselves.
CREATE TABLE contact_details (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL, -- PERSONAL
  telephone TEXT NOT NULL, -- PERSONAL
  -- The language they read, a tag of BCP 47; empty where they did not say.
  language TEXT NOT NULL,
  -- What the school sees, and what other parents of their children see who show theirs: 1 or 0.
  school_telephone INTEGER NOT NULL,
  families_email INTEGER NOT NULL,
  families_telephone INTEGER NOT NULL,
  given_at INTEGER NOT NULL,
  PRIMARY KEY (contact, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;

-- Which students live with them, of those whom they were asked about.
CREATE TABLE households (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL, -- PERSONAL
  student INTEGER NOT NULL, -- PERSONAL
  PRIMARY KEY (contact, student, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE
) STRICT;
CREATE INDEX households_by_student ON households (student, school);

-- Other parents whom parents have named.
CREATE TABLE named_parents (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  student INTEGER NOT NULL, -- PERSONAL
  inviter INTEGER NOT NULL, -- PERSONAL
  name TEXT NOT NULL, -- PERSONAL
  email TEXT NOT NULL, -- PERSONAL
  email_key TEXT NOT NULL, -- PERSONAL
  asked_at INTEGER NOT NULL,
  -- `sent` or `declined`; nothing while it waits for the office.
  outcome TEXT,
  decided_at INTEGER,
  -- Why it was declined, as the parent reads it.
  reason TEXT NOT NULL DEFAULT '', -- PERSONAL
  PRIMARY KEY (id, school),
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE,
  FOREIGN KEY (inviter, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;
CREATE INDEX named_parents_by_student ON named_parents (student, school);
CREATE INDEX named_parents_by_inviter ON named_parents (inviter, school);
CREATE INDEX named_parents_by_address ON named_parents (email_key, school);
