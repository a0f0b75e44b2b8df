/**
 * How soon everybody is back where the program is killed in the middle of two calls of four with a
 * fifth waiting, and started again; and whether anybody lost their seat.
 */

import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";
import { PROGRAM } from "./loadtest.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "100" },
  },
});

const restarts = ["loadtest", "--restarts", values.rounds];
const { stdout } = await promisify(execFile)(PROGRAM, [
  ...restarts,
  ...(values.json ? ["--json"] : []),
]);
process.stdout.write(stdout);
