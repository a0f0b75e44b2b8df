-- How a school looks (OPS-9): its colour, as #1d4f76, and its logo.
ALTER TABLE schools ADD COLUMN accent TEXT NOT NULL DEFAULT '';

CREATE TABLE logos (
  school INTEGER NOT NULL,
  -- image/png, image/jpeg or image/webp.
  kind TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  digest TEXT NOT NULL, -- SHA-256 of its bytes, cut: names them in its address
  bytes BLOB NOT NULL,
  PRIMARY KEY (school),
  FOREIGN KEY (school) REFERENCES schools
) STRICT;
