-- In which language the holder of a link reads (SCR-9): a tag of BCP 47, none where they have not said.
ALTER TABLE links ADD COLUMN language TEXT;
