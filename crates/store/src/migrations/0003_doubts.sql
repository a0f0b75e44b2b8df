-- How often a mail server had the e-mail and did not say whether it took it: it may have arrived so
-- often.
ALTER TABLE mail ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;
