-- What providers of waiting areas and their callers say to each other (WAIT-1, WAIT-3).

-- What a provider says of themselves, and until when: that they run late by so many minutes, or else
-- that they are away.
ALTER TABLE area_providers ADD COLUMN late_minutes INTEGER;
ALTER TABLE area_providers ADD COLUMN says_until INTEGER;

-- What a caller left to say who went, until a provider sets it aside; empty where nothing.
ALTER TABLE callers ADD COLUMN left_words TEXT NOT NULL DEFAULT ''; -- PERSONAL
-- The area's link by which they came.
ALTER TABLE callers ADD COLUMN door INTEGER;

CREATE INDEX callers_by_coming ON callers (area, came_at, school);
CREATE INDEX callers_with_words ON callers (area, school) WHERE left_words <> '';
