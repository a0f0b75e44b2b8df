-- Which key of the file keys a row of the audit log is sealed with; none of rows from before.
ALTER TABLE audit ADD COLUMN sealed_by INTEGER;
