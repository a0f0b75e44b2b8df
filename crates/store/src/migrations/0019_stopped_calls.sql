-- Calls that somebody stopped for abuse, with a word to the office (SCR-14).
CREATE TABLE stopped_calls (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  -- The press by which it was done: pressed again, it is the same.
  attempt TEXT NOT NULL,
  -- Who did it. No reference: they may be erased before.
  stopped_by INTEGER NOT NULL,
  stopped_at INTEGER NOT NULL,
  -- What happened, as they wrote it for the office; may be empty.
  note TEXT NOT NULL, -- PERSONAL
  -- 1 where nobody comes to the meeting any more.
  shuts INTEGER NOT NULL,
  -- When the office has looked at it.
  decided_at INTEGER,
  -- When it let those back who were kept out.
  let_back_at INTEGER,
  PRIMARY KEY (id, school),
  UNIQUE (meeting, attempt, school),
  FOREIGN KEY (meeting, school) REFERENCES meetings ON DELETE CASCADE
) STRICT;

-- Guests of a room or a waiting area who come to its meeting no more.
CREATE TABLE kept_out (
  school INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  holder INTEGER NOT NULL, -- PERSONAL
  PRIMARY KEY (stop, holder, school),
  FOREIGN KEY (stop, school) REFERENCES stopped_calls ON DELETE CASCADE,
  FOREIGN KEY (holder, school) REFERENCES holders ON DELETE CASCADE
) STRICT;
CREATE INDEX kept_out_by_holder ON kept_out (holder, school);

-- Whoever may disconnect others may stop the call, in meetings that are there already.
UPDATE entitled SET powers = powers || ' stop'
WHERE role IN ('teacher', 'member') AND powers LIKE '%disconnect%';
