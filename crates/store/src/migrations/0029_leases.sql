-- By what a node's others see that it lives, without anybody's clock; and what nobody needs any more can
-- be told.

-- How often the run has said that it lives.
ALTER TABLE nodes ADD COLUMN beat INTEGER NOT NULL DEFAULT 0;

-- Whether nobody may hold it to be gone whom Redis has not told so.
ALTER TABLE nodes ADD COLUMN asks_redis INTEGER NOT NULL DEFAULT 0;

-- When the meeting last got an owner, or lost one, by PostgreSQL's clock.
ALTER TABLE owners ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;

-- What a run owns is anybody's when it has ended.
CREATE INDEX owners_of_run ON owners (boot);
