/** SESS-8: the program says goodbye to everybody, exits 0 within 2 s, and finds them back. */

import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { untilFull } from "../harness/visitor.ts";

const folder = await mkdtemp(join(tmpdir(), "homeroom-"));

story(
  "ended by Ctrl-C and started again, calls go on",
  async (stage) => {
    stage.removes(folder);
    const four = await stage.seats([0, 1, 2, 3]);
    const waiting = await stage.arrives(4);
    await waiting.press("Join");
    await untilFull(waiting);
    const reading = await stage.arrives(0);
    await reading.untilState("join");

    const took = await stage.program.interrupt();
    assert.ok(took <= 2_000, `it took ${took} ms`);
    for (const visitor of four) {
      await visitor.untilState("reconnecting");
    }
    await stage.program.startAgain(folder);
    for (const visitor of four) {
      await visitor.untilState("call");
    }
    await untilAllSeeAndHear(four);
    await untilFull(waiting);
    await waiting.untilSees("You are next");
  },
  { options: ["--data", folder] },
);
