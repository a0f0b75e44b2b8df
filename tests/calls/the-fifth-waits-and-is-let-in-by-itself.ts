/** CALL-2, CALL-5. */

import assert from "node:assert/strict";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { untilFull } from "../harness/visitor.ts";
import { momentsOf } from "../harness/watch.ts";

story("the fifth waits and is let in by itself", async (stage) => {
  const four = await stage.seats([0, 1, 2, 3]);
  const fifth = await stage.arrives(4);
  await fifth.press("Join");
  await untilFull(fifth);
  await fifth.untilSees("You are next");
  await untilAllSeeAndHear(four);
  for (const visitor of four) {
    assert.equal((await visitor.tiles()).length, 4, "nobody sees the fifth");
  }

  const [leaver, ...stayers] = four;
  assert.ok(leaver);
  await leaver.press("Leave");
  await leaver.untilState("left");
  await fifth.untilState("call");

  const seated = [...stayers, fifth];
  for (const visitor of seated) {
    await visitor.untilWith(seated.map(({ name }) => name));
  }
  await untilAllSeeAndHear(seated);
  for (const { page } of seated) {
    const most = Math.max(...(await momentsOf(page)).map(({ people }) => people.length));
    assert.ok(most <= 4, `${most} people on a page at once`);
  }
});

story("who stops waiting is not let in", async (stage) => {
  const [leaver] = await stage.seats([0, 1, 2, 3]);
  const fifth = await stage.arrives(4);
  await fifth.press("Join");
  await untilFull(fifth);
  await fifth.press("Stop waiting");
  await fifth.untilState("left");
  assert.ok(leaver);
  await leaver.press("Leave");
  await leaver.untilState("left");
  await fifth.press("Join again");
  await fifth.untilState("call");
  const states = (await momentsOf(fifth.page)).map(({ state }) => state);
  assert.ok(states.indexOf("left") < states.indexOf("call"), `it went ${states}`);
});
