-- The newest moment that is known for certain, what a clock far from it showed last, and for how long it went on.
ALTER TABLE schools ADD COLUMN clock_known_at INTEGER;
ALTER TABLE schools ADD COLUMN clock_far_at INTEGER;
ALTER TABLE schools ADD COLUMN clock_lived_ms INTEGER NOT NULL DEFAULT 0;
UPDATE schools SET clock_known_at = (SELECT MAX(at) FROM audit WHERE audit.school = schools.id);
