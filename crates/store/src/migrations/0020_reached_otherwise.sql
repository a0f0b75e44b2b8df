-- Contacts without an e-mail address are invited to register by text message or by a printed letter (DIR-5).

-- Where text messages reach them (E.164), as the school's records have it.
ALTER TABLE contacts ADD COLUMN mobile TEXT; -- PERSONAL

-- The email_key of registrations says where each was sent: the key of an address, a mobile number, or nothing
-- for a letter.

-- 1 where the link was sent by e-mail: whoever opens it has that address. By another they say theirs
-- first, and are sent such a link.
ALTER TABLE registration_links ADD COLUMN is_mailed INTEGER NOT NULL DEFAULT 1;
-- The address that they said, where the school's records have none.
ALTER TABLE registration_links ADD COLUMN email TEXT; -- PERSONAL
