-- When the office said of a court order that could not be entered that it is about nobody here. It stays so
-- while the source says the same.

ALTER TABLE unentered_orders ADD COLUMN dismissed_at INTEGER;
