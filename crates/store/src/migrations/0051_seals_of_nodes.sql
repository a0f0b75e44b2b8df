-- Which key a node has: a seal that the key makes, by which nobody learns it. 32 hexadecimal digits; none of a run of a
-- version before. Two that run with two keys do not hear each other, and would each hold the other to be gone.
ALTER TABLE nodes ADD COLUMN seal TEXT;
