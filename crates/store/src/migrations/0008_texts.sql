-- Text messages go by the outbox like e-mails (OPS-4): `email` or `text`, and of a text the address is a
-- number with its country's code.
ALTER TABLE mail ADD COLUMN channel TEXT NOT NULL DEFAULT 'email';

-- Guests whom somebody invited out of a meeting, each with a link of their own (ROOM-2). Their id is
-- their id as a holder.
CREATE TABLE call_guests (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  -- Who invited them, as a holder. No reference: they may be erased before.
  inviter INTEGER NOT NULL,
  -- Nothing until they say who they are.
  name TEXT, -- PERSONAL
  -- How they were invited: one of these, or neither where their link was copied.
  email TEXT, -- PERSONAL
  email_key TEXT, -- PERSONAL
  mobile TEXT, -- PERSONAL
  -- In which language they are written to, until they have said another.
  language TEXT,
  sent_at INTEGER NOT NULL,
  joined_at INTEGER,
  removed_at INTEGER,
  -- The contact with a court order who they may be, no reference: by the name they gave, and by what
  -- (`name` or `mailbox`). From `held_at` on the office is to decide, until it lets them in.
  may_be INTEGER,
  held_name TEXT, -- PERSONAL
  held_because TEXT,
  held_at INTEGER,
  let_in_at INTEGER,
  PRIMARY KEY (id, school),
  FOREIGN KEY (id, school) REFERENCES holders ON DELETE CASCADE,
  FOREIGN KEY (meeting, school) REFERENCES meetings
) STRICT;
CREATE INDEX call_guests_by_time ON call_guests (sent_at, school);
CREATE INDEX call_guests_by_address ON call_guests (email_key, school);

-- The presses by which they were written to: one that is repeated has the same outcome.
CREATE TABLE call_guest_presses (
  school INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  attempt TEXT NOT NULL,
  guest INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (meeting, attempt, school),
  FOREIGN KEY (guest, school) REFERENCES call_guests ON DELETE CASCADE
) STRICT;
CREATE INDEX call_guest_presses_by_guest ON call_guest_presses (guest, at, school);
