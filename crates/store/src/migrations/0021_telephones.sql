-- A telephone number that the school's records and a parent say each for themselves (DIR-12).

-- What a source said last of a contact: their mobile number where it said no other; empty where none did.
ALTER TABLE contacts ADD COLUMN telephone TEXT NOT NULL DEFAULT ''; -- PERSONAL
-- The number of the school's records beside which the office has accepted the contact's own.
ALTER TABLE contact_details ADD COLUMN accepted_beside TEXT; -- PERSONAL
