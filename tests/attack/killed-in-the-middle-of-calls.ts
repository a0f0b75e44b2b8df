/**
 * Killed and started again in the middle of two calls of four with a fifth waiting, some rounds of what
 * `scripts/bench restart` plays a hundred of: nobody loses their seat or their place in the queue.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { PROGRAM } from "../harness/program.ts";

const ROUNDS = 5;

test("killed in the middle of calls, and nobody loses their seat", async () => {
  const options = ["loadtest", "--restarts", `${ROUNDS}`, "--json"];
  const { stdout } = await promisify(execFile)(PROGRAM, options);
  const { lost_seats, rounds } = JSON.parse(stdout) as { lost_seats: number; rounds: number };
  assert.deepEqual({ lost_seats, rounds }, { lost_seats: 0, rounds: ROUNDS });
});
