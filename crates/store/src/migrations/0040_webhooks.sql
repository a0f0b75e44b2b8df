-- What programs of the school's are yet to be told by webhooks (OPS-3): a row for each of them, which is gone
-- once it was told, or given up. Nothing in it names a person.
CREATE TABLE webhooks (
  school INTEGER NOT NULL,
  -- They are told in this order, of one subject one after the other.
  id INTEGER NOT NULL,
  subscriber TEXT NOT NULL, -- DIGEST: SHA-256 of its URL, cut
  subject TEXT NOT NULL,
  -- The same over all tries (Standard Webhooks, webhook-id).
  message TEXT NOT NULL,
  body TEXT NOT NULL,
  queued_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  PRIMARY KEY (id, school)
) STRICT;
CREATE INDEX webhooks_by_subject ON webhooks (subscriber, subject, id, school);
