-- In which language somebody reads (SCR-9): once for all their links, so that what is written to them about
-- another evening is in it before they have opened its link. A tag of BCP 47, none where they have not said.
ALTER TABLE holders ADD COLUMN language TEXT;

UPDATE holders SET language = said.language
FROM (
  SELECT school, holder, MAX(language) AS language FROM links
  WHERE language IS NOT NULL GROUP BY school, holder
) AS said
WHERE said.school = holders.school AND said.holder = holders.id;

-- Whoever has the link of a door is nobody in particular.
UPDATE holders SET language = NULL WHERE kind = 'door';

ALTER TABLE links DROP COLUMN language;
