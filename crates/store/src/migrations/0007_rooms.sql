-- Meeting rooms: their members, and the guests who come to them (ROOM-1 to ROOM-7).

-- 1 for who works in the office; others of the staff have their rooms, and nothing of the office.
ALTER TABLE staff ADD COLUMN is_office INTEGER NOT NULL DEFAULT 1;

-- Its id is that of its scope and, as a holder, of its door: whoever has the link and has not said yet
-- who they are.
CREATE TABLE rooms (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  meeting INTEGER NOT NULL,
  name TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (id, school),
  UNIQUE (meeting, school),
  FOREIGN KEY (id, school) REFERENCES scopes,
  FOREIGN KEY (meeting, school) REFERENCES meetings
) STRICT;

CREATE TABLE room_members (
  school INTEGER NOT NULL,
  room INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  PRIMARY KEY (room, staff, school),
  FOREIGN KEY (room, school) REFERENCES rooms ON DELETE CASCADE,
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE
) STRICT;
CREATE INDEX room_members_by_staff ON room_members (staff, school);

-- Guests of rooms: each who came by a room's link has a link of their own, for a day.
CREATE TABLE visitors (
  school INTEGER NOT NULL,
  id INTEGER NOT NULL,
  room INTEGER NOT NULL,
  name TEXT NOT NULL, -- PERSONAL
  -- The press by which they came: pressed again, it is the same guest.
  attempt TEXT NOT NULL,
  came_at INTEGER NOT NULL,
  joined_at INTEGER,
  PRIMARY KEY (id, school),
  UNIQUE (room, attempt, school),
  FOREIGN KEY (id, school) REFERENCES holders ON DELETE CASCADE,
  FOREIGN KEY (room, school) REFERENCES rooms
) STRICT;
CREATE INDEX visitors_by_time ON visitors (came_at, school);
