/**
 * A whole evening presses Join within two seconds, on one core of the server, while five other calls talk:
 * from the press to somebody else's media, who is refused, and what those who talk notice of it.
 */

import { parseArgs } from "node:util";
import { loadtest } from "./loadtest.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    calls: { type: "string", default: "100" },
    within: { type: "string", default: "2000" },
  },
});

/** As many as talk meanwhile. */
const TALKING = 5;

const figures = await loadtest(Number(values.calls), ["--stampede", values.within], TALKING);
console.log(values.json ? JSON.stringify(figures) : figures);
