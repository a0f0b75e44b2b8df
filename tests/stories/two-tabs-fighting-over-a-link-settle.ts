/** SESS-3: pages do not fight by themselves, and people who do are slowed down. */

import assert from "node:assert/strict";
import { untilSeesAndHears } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { throughout, until } from "../harness/until.ts";
import { momentsOf } from "../harness/watch.ts";

const WATCHED_MS = 10_000;

story("two tabs fighting over a link settle", async (stage) => {
  const [here, teacher] = await stage.seats([3, 0]);
  assert.ok(here && teacher);
  const there = await stage.arrives(3);

  // Each press evicts the other page, until the server has had enough of it.
  let [out, inside] = [there, here];
  await out.press("Join");
  let swaps = 0;
  for (;;) {
    const outcome = await until("the press is answered", async () => {
      const state = await out.state();
      return (state === "call" || state === "join") && state;
    });
    if (outcome === "join") {
      break;
    }
    swaps += 1;
    assert.ok(swaps <= 4, `${swaps} swaps, and nothing slows them down`);
    await inside.untilState("evicted");
    [out, inside] = [inside, out];
    await out.press("Use it here instead");
  }
  assert.ok(swaps >= 3, `only ${swaps} swaps were let through`);
  await out.untilMentions("This link has been opened on different devices too often");
  await teacher.untilMentions(`${here.name}'s link is being opened on different devices`);

  await throughout("one page has the seat", WATCHED_MS, async () => {
    return (await inside.state()) === "call" && (await out.state()) === "join";
  });
  await untilSeesAndHears(teacher, [inside.name]);
  for (const { people } of await momentsOf(teacher.page)) {
    assert.ok(people.length <= 2, "the link held two seats");
  }
});
