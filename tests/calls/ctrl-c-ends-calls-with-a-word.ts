/** The program ends calls with a word to everyone, and exits 0 within 2 s. */

import assert from "node:assert/strict";
import { story } from "../harness/story.ts";

story("Ctrl-C ends calls with a word to everyone", async (stage) => {
  const four = await stage.seats([0, 1, 2, 3]);
  const waiting = await stage.arrives(4);
  await waiting.press("Join");
  await waiting.untilState("queued");
  const reading = await stage.arrives(0);
  await reading.untilState("join");

  const took = await stage.program.interrupt();
  assert.ok(took <= 2_000, `it took ${took} ms`);
  for (const visitor of [...four, waiting]) {
    await visitor.untilState("shutdown");
    await visitor.untilSees("The server is restarting");
  }
});
