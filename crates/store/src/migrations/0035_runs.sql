-- What counts of what a run says (OPS-2): what it claims and writes of sessions that are its own, and which Redis
-- vouches for it.

-- The run whose word counts for the session: the one that claimed it last, or has its meeting since. None with
-- a program on its own.
ALTER TABLE sessions ADD COLUMN boot TEXT;

-- The run of the Redis that vouches for it: nobody may hold it to be gone whom that one has not told so.
-- 32 hexadecimal digits; none where it lives by these records alone.
ALTER TABLE nodes ADD COLUMN redis TEXT;
ALTER TABLE nodes DROP COLUMN asks_redis;
