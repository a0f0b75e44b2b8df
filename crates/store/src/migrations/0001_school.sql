-- The records of schools. `school` is in every key: no row of one school can name one of another. It
-- stands last, because there are few of them: what leads a key is what finds the row.
--
-- PERSONAL marks what names a person or is about one; it is erased with them, or after the
-- school's period. DIGEST marks what was derived from a secret, and does not give it back. No
-- secret is kept: what opens links is made with the keys in the file `keys`, which is not here.
-- Moments are milliseconds UTC; ids are random numbers below 2^53, links' below 2^40.

CREATE TABLE schools (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  zone TEXT NOT NULL,
  -- Where "Contact Us" leads; may be empty.
  contact_email TEXT NOT NULL,
  contact_phone TEXT NOT NULL,
  retention_days INTEGER NOT NULL,
  -- The audit log's length and the hash of its last row.
  audit_count INTEGER NOT NULL,
  audit_hash BLOB NOT NULL
) STRICT;

-- Everybody who may hold a link or be written to. Whoever it is has the same id in the table of
-- their kind, and is gone with their row here.
CREATE TABLE holders (
  school INTEGER NOT NULL REFERENCES schools,
  id INTEGER NOT NULL,
  -- parent (of contacts), guest (of invitations), teacher or staff.
  kind TEXT NOT NULL,
  PRIMARY KEY (id, school)
) STRICT;

CREATE TABLE staff (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL, -- PERSONAL
  email TEXT NOT NULL, -- PERSONAL
  email_key TEXT NOT NULL, -- PERSONAL
  -- Empty until they have chosen one.
  password_hash TEXT NOT NULL, -- DIGEST: Argon2id, with its salt
  created_at INTEGER NOT NULL,
  disabled_at INTEGER,
  PRIMARY KEY (id, school),
  UNIQUE (email_key, school),
  FOREIGN KEY (id, school) REFERENCES holders ON DELETE CASCADE
) STRICT;

CREATE TABLE staff_sessions (
  school INTEGER NOT NULL,
  digest BLOB NOT NULL, -- DIGEST: SHA-256 of the cookie's value
  staff INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  PRIMARY KEY (digest, school),
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE
) STRICT;

CREATE TABLE set_up_links (
  school INTEGER NOT NULL REFERENCES schools,
  digest BLOB NOT NULL, -- DIGEST: SHA-256 of the link's secret
  -- Whose account it is for; nobody's for the first.
  staff INTEGER,
  until_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (digest, school),
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE
) STRICT;

CREATE TABLE teachers (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL, -- PERSONAL
  email TEXT, -- PERSONAL
  -- Walking order: the lowest is visited first.
  place INTEGER NOT NULL,
  removed_at INTEGER,
  PRIMARY KEY (id, school),
  FOREIGN KEY (id, school) REFERENCES holders ON DELETE CASCADE
) STRICT;

CREATE TABLE students (
  school INTEGER NOT NULL REFERENCES schools,
  id INTEGER NOT NULL,
  name TEXT NOT NULL, -- PERSONAL
  name_key TEXT NOT NULL, -- PERSONAL
  -- Year, homeroom or form, as the school says it; may be empty.
  form TEXT NOT NULL,
  form_key TEXT NOT NULL,
  -- The id in the system that the import came from.
  source TEXT, -- PERSONAL
  PRIMARY KEY (id, school),
  UNIQUE (source, school)
) STRICT;

CREATE TABLE contacts (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL, -- PERSONAL
  name_key TEXT NOT NULL, -- PERSONAL
  email TEXT, -- PERSONAL
  -- Two contacts may share an address.
  email_key TEXT, -- PERSONAL
  -- Set while a court order is in force.
  court_order_at INTEGER, -- PERSONAL
  -- The contact with a court order whom this may be: until the office says that they are two people,
  -- this one has no link, and nobody writes to them.
  may_be INTEGER, -- PERSONAL
  PRIMARY KEY (id, school),
  FOREIGN KEY (id, school) REFERENCES holders ON DELETE CASCADE
) STRICT;
CREATE INDEX contacts_by_email ON contacts (email_key, school);

-- The office said that a contact is not the person with a court order; it holds for that order.
CREATE TABLE two_people (
  school INTEGER NOT NULL,
  barred INTEGER NOT NULL, -- PERSONAL
  contact INTEGER NOT NULL, -- PERSONAL
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (barred, contact, school),
  FOREIGN KEY (barred, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;

CREATE TABLE guardians (
  school INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  student INTEGER NOT NULL,
  relationship TEXT NOT NULL, -- PERSONAL
  PRIMARY KEY (contact, student, school),
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE,
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE
) STRICT;
CREATE INDEX guardians_by_student ON guardians (student, school);

CREATE TABLE classes (
  school INTEGER NOT NULL REFERENCES schools,
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  removed_at INTEGER,
  PRIMARY KEY (id, school)
) STRICT;

CREATE TABLE class_teachers (
  school INTEGER NOT NULL,
  class INTEGER NOT NULL,
  teacher INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (class, teacher, school),
  FOREIGN KEY (class, school) REFERENCES classes,
  FOREIGN KEY (teacher, school) REFERENCES teachers
) STRICT;

CREATE TABLE class_students (
  school INTEGER NOT NULL,
  class INTEGER NOT NULL,
  student INTEGER NOT NULL,
  PRIMARY KEY (class, student, school),
  FOREIGN KEY (class, school) REFERENCES classes,
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE
) STRICT;
CREATE INDEX class_students_by_student ON class_students (student, school);

-- What links, e-mails and meetings belong to. Whatever it is has the same id in the table of its
-- kind.
CREATE TABLE scopes (
  school INTEGER NOT NULL REFERENCES schools,
  id INTEGER NOT NULL,
  -- evening.
  kind TEXT NOT NULL,
  PRIMARY KEY (id, school)
) STRICT;

CREATE TABLE evenings (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  -- The school's own words: a date, a zone of the time zone database, times of the day.
  on_date TEXT NOT NULL,
  zone TEXT NOT NULL,
  from_time TEXT NOT NULL,
  to_time TEXT NOT NULL,
  slot_minutes INTEGER NOT NULL,
  gap_minutes INTEGER NOT NULL,
  -- What they come to.
  start_at INTEGER NOT NULL,
  end_at INTEGER NOT NULL,
  -- not_yet, open or closed; open until closes_at, or the start where that is not set.
  booking TEXT NOT NULL,
  closes_at INTEGER,
  -- 1 where every class takes part, those too that are added before it is over.
  all_classes INTEGER NOT NULL DEFAULT 0,
  -- Since when it does not take place, and the office's words to everybody.
  cancelled_at INTEGER,
  cancelled_words TEXT NOT NULL DEFAULT '',
  -- The highest SEQUENCE of a calendar entry that an e-mail of it has had, to whomever: a link that
  -- was withdrawn, and an address that is somebody else's now, are remembered by it.
  sequence INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (id, school),
  FOREIGN KEY (id, school) REFERENCES scopes
) STRICT;

CREATE TABLE evening_classes (
  school INTEGER NOT NULL,
  evening INTEGER NOT NULL,
  class INTEGER NOT NULL,
  -- Class first: a parent's own classes lead to their evenings, not all of an evening to theirs.
  PRIMARY KEY (class, evening, school),
  FOREIGN KEY (evening, school) REFERENCES evenings,
  FOREIGN KEY (class, school) REFERENCES classes
) STRICT;

-- Who takes a teacher's appointments in one evening; nobody where they went back to the families.
CREATE TABLE substitutes (
  school INTEGER NOT NULL,
  evening INTEGER NOT NULL,
  teacher INTEGER NOT NULL,
  instead INTEGER,
  PRIMARY KEY (evening, teacher, school),
  FOREIGN KEY (evening, school) REFERENCES evenings,
  FOREIGN KEY (teacher, school) REFERENCES teachers,
  FOREIGN KEY (instead, school) REFERENCES teachers
) STRICT;

-- Who takes the appointments of which class in which evening.
CREATE VIEW evening_teachers AS
SELECT evening_classes.school AS school, evening_classes.evening AS evening,
  evening_classes.class AS class, class_teachers.position AS position,
  CASE WHEN substitutes.teacher IS NULL THEN class_teachers.teacher ELSE substitutes.instead END
    AS teacher
FROM evening_classes
JOIN class_teachers ON class_teachers.school = evening_classes.school
  AND class_teachers.class = evening_classes.class
LEFT JOIN substitutes ON substitutes.school = evening_classes.school
  AND substitutes.evening = evening_classes.evening
  AND substitutes.teacher = class_teachers.teacher;

-- What people talk in. Title and window of an appointment's are derived when it is read.
CREATE TABLE meetings (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  -- appointment.
  kind TEXT NOT NULL,
  -- Whoever is entitled comes by their link for it.
  scope INTEGER NOT NULL,
  -- The most people it seats at any instant.
  cap INTEGER NOT NULL,
  -- open, or kept: who comes knocks.
  door TEXT NOT NULL,
  PRIMARY KEY (id, school),
  FOREIGN KEY (scope, school) REFERENCES scopes
) STRICT;

-- Who may be in a meeting, under which number, as what, and what they may do there. A number is for
-- life, and nobody else's after: whoever is erased leaves it behind.
CREATE TABLE entitled (
  school INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  number INTEGER NOT NULL,
  holder INTEGER, -- PERSONAL
  -- teacher, parent or guest.
  role TEXT NOT NULL,
  -- Their names, with spaces between: admit, disconnect, mute, invite, extend, blur.
  powers TEXT NOT NULL,
  -- Since when they may be in it no more.
  ended_at INTEGER,
  PRIMARY KEY (meeting, number, school),
  UNIQUE (holder, meeting, school),
  FOREIGN KEY (meeting, school) REFERENCES meetings ON DELETE CASCADE,
  FOREIGN KEY (holder, school) REFERENCES holders
) STRICT;

-- An appointment, and what it is booked as. It is gone with its meeting.
CREATE TABLE bookings (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  evening INTEGER NOT NULL,
  parent INTEGER NOT NULL, -- PERSONAL
  student INTEGER NOT NULL, -- PERSONAL
  class INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  start_at INTEGER NOT NULL,
  end_at INTEGER NOT NULL,
  note TEXT NOT NULL, -- PERSONAL
  -- The press that booked it: pressed again, it is the same booking.
  attempt TEXT,
  booked_at INTEGER NOT NULL,
  cancelled_at INTEGER,
  -- 1 while the office is to say what becomes of it: its class has other teachers, who are busy then.
  asks INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (id, school),
  UNIQUE (meeting, school),
  UNIQUE (parent, attempt, student, class, school),
  FOREIGN KEY (meeting, school) REFERENCES meetings ON DELETE CASCADE,
  FOREIGN KEY (evening, school) REFERENCES evenings,
  FOREIGN KEY (parent, school) REFERENCES contacts,
  FOREIGN KEY (student, school) REFERENCES students,
  FOREIGN KEY (class, school) REFERENCES classes
) STRICT;
-- A parent is in one place at a time, and has one appointment for a class.
CREATE UNIQUE INDEX bookings_by_slot ON bookings (evening, parent, slot, school)
  WHERE cancelled_at IS NULL;
CREATE UNIQUE INDEX bookings_by_class ON bookings (evening, parent, student, class, school)
  WHERE cancelled_at IS NULL;

-- Who takes it. A teacher is in one place at a time.
CREATE TABLE booking_teachers (
  school INTEGER NOT NULL,
  evening INTEGER NOT NULL,
  teacher INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  booking INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (evening, teacher, slot, school),
  FOREIGN KEY (booking, school) REFERENCES bookings ON DELETE CASCADE,
  FOREIGN KEY (teacher, school) REFERENCES teachers
) STRICT;
CREATE INDEX booking_teachers_by_booking ON booking_teachers (booking, school);

CREATE TABLE invitations (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  evening INTEGER NOT NULL,
  -- Nobody once they are erased: the guest is told of its end all the same.
  inviter INTEGER, -- PERSONAL
  name TEXT NOT NULL, -- PERSONAL
  email TEXT NOT NULL, -- PERSONAL
  email_key TEXT NOT NULL, -- PERSONAL
  -- Counts the invitations of an inviter in an evening, from 1.
  ordinal INTEGER NOT NULL,
  -- held, sent or removed.
  state TEXT NOT NULL,
  -- The press that sent it: pressed again, it is the same invitation.
  attempt TEXT,
  created_at INTEGER NOT NULL,
  joined_at INTEGER,
  removed_at INTEGER,
  PRIMARY KEY (id, school),
  UNIQUE (inviter, attempt, school),
  UNIQUE (evening, inviter, ordinal, school),
  FOREIGN KEY (id, school) REFERENCES holders ON DELETE CASCADE,
  FOREIGN KEY (evening, school) REFERENCES evenings,
  FOREIGN KEY (inviter, school) REFERENCES contacts
) STRICT;

-- The students an invitation covers: one for each student, evening and inviting parent. Gone with
-- the invitation, so that another may cover them.
CREATE TABLE coverage (
  school INTEGER NOT NULL,
  evening INTEGER NOT NULL,
  inviter INTEGER NOT NULL,
  student INTEGER NOT NULL,
  invitation INTEGER NOT NULL,
  PRIMARY KEY (evening, inviter, student, school),
  FOREIGN KEY (invitation, school) REFERENCES invitations ON DELETE CASCADE,
  FOREIGN KEY (student, school) REFERENCES students ON DELETE CASCADE
) STRICT;
CREATE INDEX coverage_by_invitation ON coverage (invitation, school);

-- Who agreed that the person of an invitation may know, to which words, when and how.
CREATE TABLE consents (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  invitation INTEGER NOT NULL,
  inviter INTEGER NOT NULL, -- PERSONAL
  wording INTEGER NOT NULL,
  -- page or office.
  how TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  PRIMARY KEY (id, school),
  FOREIGN KEY (invitation, school) REFERENCES invitations ON DELETE CASCADE,
  FOREIGN KEY (inviter, school) REFERENCES contacts
) STRICT;

-- Invitations that wait for the office, because their guest may be a contact with a court order.
CREATE TABLE approvals (
  school INTEGER NOT NULL,
  invitation INTEGER NOT NULL,
  contact INTEGER, -- PERSONAL; nobody once that contact is erased: the office still decides
  -- email or name: what they share.
  because TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  decided_at INTEGER,
  -- approved or declined.
  outcome TEXT,
  -- Why it was declined, in the office's own words to the parent; may be empty.
  reason TEXT NOT NULL DEFAULT '', -- PERSONAL
  PRIMARY KEY (invitation, school),
  FOREIGN KEY (invitation, school) REFERENCES invitations ON DELETE CASCADE,
  FOREIGN KEY (contact, school) REFERENCES contacts ON DELETE CASCADE
) STRICT;

-- Whose link it is, for what. Its secret is made from id, version and key, and not kept.
CREATE TABLE links (
  id INTEGER NOT NULL PRIMARY KEY,
  school INTEGER NOT NULL,
  scope INTEGER NOT NULL,
  version INTEGER NOT NULL,
  key INTEGER NOT NULL,
  holder INTEGER NOT NULL, -- PERSONAL
  -- Since when it is dead. It stays, so that whoever still has it open is told why.
  withdrawn_at INTEGER,
  -- Where its holder reads, if the clocks there show another time than the evening's.
  time_zone TEXT, -- PERSONAL
  FOREIGN KEY (scope, school) REFERENCES scopes,
  FOREIGN KEY (holder, school) REFERENCES holders ON DELETE CASCADE
) STRICT;

-- Everybody has one of each scope that lives.
CREATE UNIQUE INDEX links_of_holder ON links (scope, holder, school)
  WHERE withdrawn_at IS NULL;

-- The outbox. What an e-mail says is made when it is sent, from the records as they are then.
CREATE TABLE mail (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  -- What it is about; nothing, to the office.
  scope INTEGER,
  -- To whom; of one holder's e-mails one is on its way at a time.
  holder INTEGER NOT NULL, -- PERSONAL
  address TEXT NOT NULL, -- PERSONAL
  -- The appointment it is about, where it is about one.
  booking INTEGER,
  -- The invitation that the office declined, where it is about that.
  declined INTEGER,
  -- What it says while it is on its way, or may have said when nobody knows whether it arrived:
  -- appointments and their times, as JSON. Empty otherwise, and to the office.
  says TEXT NOT NULL,
  message_id TEXT NOT NULL,
  -- queued, sending, sent, failed, delivered or bounced.
  state TEXT NOT NULL,
  -- At most one of these waits at a time.
  once TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  -- When it is due; while it is being sent, when its sender's lease ends.
  due_at INTEGER NOT NULL,
  lease INTEGER NOT NULL,
  reason TEXT NOT NULL,
  queued_at INTEGER NOT NULL,
  sent_at INTEGER,
  -- How often a mail server had the e-mail and did not say whether it took it: it may have arrived
  -- so often.
  doubts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (id, school),
  UNIQUE (message_id),
  FOREIGN KEY (scope, school) REFERENCES scopes,
  FOREIGN KEY (holder, school) REFERENCES holders ON DELETE CASCADE,
  FOREIGN KEY (declined, school) REFERENCES invitations ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX mail_once ON mail (once, school) WHERE state = 'queued';
CREATE INDEX mail_due ON mail (state, due_at, school);
CREATE INDEX mail_by_holder ON mail (holder, state, school);

-- What a parent or guest was last told of an appointment by e-mail, so that the next says what has
-- become of it. An appointment they know to be cancelled is not here.
CREATE TABLE told (
  school INTEGER NOT NULL,
  holder INTEGER NOT NULL, -- PERSONAL
  evening INTEGER NOT NULL,
  -- It stays when the appointment is erased, so that it is taken out of calendars.
  booking INTEGER NOT NULL,
  start_at INTEGER NOT NULL,
  end_at INTEGER NOT NULL,
  -- Who takes it, by id, as a JSON array.
  teachers TEXT NOT NULL,
  -- That of the calendar entry.
  sequence INTEGER NOT NULL,
  PRIMARY KEY (holder, booking, school),
  FOREIGN KEY (evening, school) REFERENCES evenings,
  FOREIGN KEY (holder, school) REFERENCES holders ON DELETE CASCADE
) STRICT;
CREATE INDEX told_by_evening ON told (evening, school);

-- Rows are only ever added. Each carries the hash of the one before. They name people by id only,
-- so that they stay true when a person is erased.
CREATE TABLE audit (
  school INTEGER NOT NULL REFERENCES schools,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  before BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (school, number)
) STRICT;
-- What somebody did lately: how much a parent may still set off is read from it.
CREATE INDEX audit_by_actor ON audit (actor, at, school);

-- What the columns of files mean whose headings say it to nobody, as the office has chosen it.
CREATE TABLE import_columns (
  school INTEGER NOT NULL REFERENCES schools,
  -- SHA-256 of the headings.
  headings TEXT NOT NULL,
  -- The code of each column, with commas between.
  columns TEXT NOT NULL,
  -- 0 where the first row is a student.
  has_headings INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (headings, school)
) STRICT;

-- By what the keys are known again that links were made with. Nothing of a key follows from it.
CREATE TABLE known_keys (
  id INTEGER NOT NULL PRIMARY KEY,
  print BLOB NOT NULL -- DIGEST: HMAC-SHA-256 by the key itself, over words that no link is made of
) STRICT;
