// Generated from crates/wire by `scripts/generate`. Do not edit.

export const LONGEST_NAME = 100;
export const LONGEST_NOTE = 1000;
export const LONGEST_ADDRESS = 254;
export const LONGEST_MESSAGE = 65536;
export const ATTEMPT_DIGITS = 32;
export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 256;
export const SHORTEST_SLOT = 3;
export const LONGEST_SLOT = 120;
export const LONGEST_GAP = 60;
export const SHORTEST_RETENTION = 1;
export const LONGEST_RETENTION = 3650;
export const LARGEST_FILE = 10485760;
export const MOST_ROWS = 50000;
export const MOST_INVITED = 500;
export const GROUND_RULES = 1;
