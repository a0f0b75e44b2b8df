-- Which key a node has: a seal that the key makes, by which nobody learns it. 32 hexadecimal digits; none of a run of a
-- version before. Two that run with two keys do not hear each other, and would each hold the other to be gone.
ALTER TABLE nodes ADD COLUMN seal TEXT;

-- Its number: those that begin later have higher ones. And the highest number of those it has heard of: it counts no node
-- with a higher one as one that should be heard in its Redis.
ALTER TABLE nodes ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN knows INTEGER NOT NULL DEFAULT 0;
