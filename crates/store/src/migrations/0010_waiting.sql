-- Waiting areas: their providers, and the callers who wait in them (WAIT-1 to WAIT-4).

-- Its id is that of its scope and, as a holder, of its door: whoever has the link and has not said yet
-- who they are.
CREATE TABLE areas (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  -- What it is for, as callers read it.
  purpose TEXT NOT NULL,
  -- When it is open, like "135 08:30 16:00" on Mondays, Wednesdays and Fridays; empty where always.
  hours TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (id, school),
  FOREIGN KEY (id, school) REFERENCES scopes
) STRICT;

CREATE TABLE area_providers (
  school INTEGER NOT NULL,
  area INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  PRIMARY KEY (area, staff, school),
  FOREIGN KEY (area, school) REFERENCES areas ON DELETE CASCADE,
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE
) STRICT;
CREATE INDEX area_providers_by_staff ON area_providers (staff, school);

-- Who came to a waiting area: each has a link of their own, for a day.
CREATE TABLE callers (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  area INTEGER NOT NULL,
  name TEXT NOT NULL, -- PERSONAL
  reason TEXT NOT NULL, -- PERSONAL
  -- The press by which they came: pressed again, it is the same caller.
  attempt TEXT NOT NULL,
  came_at INTEGER NOT NULL,
  -- waiting, taken, ended or left, and since when.
  stage TEXT NOT NULL,
  stage_at INTEGER NOT NULL,
  -- Once taken: by whom, and into which meeting.
  taken_by INTEGER,
  meeting INTEGER,
  -- What a provider wrote to them last, while they wait.
  message TEXT NOT NULL, -- PERSONAL
  -- Once ended: what the provider said to them.
  word TEXT NOT NULL, -- PERSONAL
  joined_at INTEGER,
  PRIMARY KEY (id, school),
  UNIQUE (attempt, school),
  FOREIGN KEY (id, school) REFERENCES holders ON DELETE CASCADE,
  FOREIGN KEY (area, school) REFERENCES areas,
  FOREIGN KEY (meeting, school) REFERENCES meetings
) STRICT;
CREATE INDEX callers_by_area ON callers (area, stage, school);
CREATE INDEX callers_by_time ON callers (came_at, school);
