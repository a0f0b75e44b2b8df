-- What somebody did lately: how much a parent may still set off is read from it.
CREATE INDEX audit_by_actor ON audit (actor, at, school);
