-- Which run serves the records in PostgreSQL alone, or did and has not said that it ended. Its lock goes with PostgreSQL, as
-- that is begun anew; this stays. Empty with SQLite, whose folder is locked, and where there are nodes.
CREATE TABLE serves_alone (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  -- As its session in PostgreSQL is called: drawn anew at each start.
  run TEXT NOT NULL
) STRICT;

-- What a node is set to, of what is to be the same at all: digests by the key of the nodes, as JSON.
ALTER TABLE nodes ADD COLUMN settings TEXT;
