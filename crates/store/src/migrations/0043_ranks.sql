-- What an account of the staff is in the school, and who manages an evening (OPS-7).

-- owner, office, viewer or member.
ALTER TABLE staff ADD COLUMN rank TEXT NOT NULL DEFAULT 'member';
UPDATE staff SET rank = 'office' WHERE is_office = 1;
-- Whoever has been there longest of those who can sign in says from now on who may do what.
UPDATE staff SET rank = 'owner' WHERE id = (
  SELECT earliest.id FROM staff earliest
  WHERE earliest.school = staff.school AND earliest.is_office = 1 AND earliest.disabled_at IS NULL
  ORDER BY CASE WHEN earliest.password_hash <> '' OR EXISTS (
      SELECT 1 FROM identities
      WHERE identities.school = earliest.school AND identities.staff = earliest.id)
    THEN 0 ELSE 1 END, earliest.created_at, earliest.id
  LIMIT 1);
ALTER TABLE staff DROP COLUMN is_office;

CREATE TABLE evening_managers (
  school INTEGER NOT NULL,
  evening INTEGER NOT NULL,
  staff INTEGER NOT NULL,
  PRIMARY KEY (evening, staff, school),
  FOREIGN KEY (evening, school) REFERENCES evenings ON DELETE CASCADE,
  FOREIGN KEY (staff, school) REFERENCES staff ON DELETE CASCADE
) STRICT;
CREATE INDEX evening_managers_by_staff ON evening_managers (staff, school);
