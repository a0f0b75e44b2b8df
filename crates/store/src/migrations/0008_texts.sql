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
  -- The press by which they were invited: pressed again, it is the same guest.
  attempt TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  joined_at INTEGER,
  removed_at INTEGER,
  PRIMARY KEY (id, school),
  UNIQUE (meeting, attempt, school),
  FOREIGN KEY (id, school) REFERENCES holders ON DELETE CASCADE,
  FOREIGN KEY (meeting, school) REFERENCES meetings
) STRICT;
CREATE INDEX call_guests_by_time ON call_guests (sent_at, school);
CREATE INDEX call_guests_by_address ON call_guests (email_key, school);
