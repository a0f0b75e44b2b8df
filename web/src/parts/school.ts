// Whose page it is: the school's name, once it is known.

import { createContext } from "preact";

export const SchoolContext = createContext<string | null>(null);
