-- Sessions that are over, and that the run whose they were to write may still hold: it has not said that it has let go of
-- them (OPS-2). Each run asks for its own with every beat, and whoever opens the link anew waits for them.
CREATE INDEX sessions_held ON sessions (boot) WHERE boot IS NOT NULL AND parting IS NOT NULL;
