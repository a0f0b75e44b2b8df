/** SESS-3: pages do not fight by themselves, and people who do are slowed down. */

import assert from "node:assert/strict";
import { untilSeesAndHears } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { throughout, until } from "../harness/until.ts";
import { momentsOf } from "../harness/watch.ts";

const WATCHED_MS = 10_000;

/** So many swaps a minute are free, and whoever waits so long after the last may swap once more. */
const FREE = 3;
const MINUTE_MS = 60_000;
const WAIT_MS = 15_000;

story("two tabs fighting over a link settle", async (stage) => {
  const [here, teacher] = await stage.seats([3, 0]);
  assert.ok(here && teacher);
  const there = await stage.arrives(3);
  const presses = [performance.now()];
  await there.join();

  // Each press evicts the other page, until the server has had enough of it.
  let [out, inside] = [here, there];
  let swaps = 1;
  for (;;) {
    await out.untilState("evicted");
    presses.push(performance.now());
    await out.press("Use it here instead");
    const outcome = await until("the press is answered", async () => {
      const state = await out.state();
      return (state === "call" || state === "join") && state;
    });
    if (outcome === "join") {
      break;
    }
    swaps += 1;
    // Where the presses themselves take long, they are not too many.
    const [since, all] = [-2, -1 - FREE].map((nth) => performance.now() - (presses.at(nth) ?? 0));
    const mayBe = swaps <= FREE || Number(since) >= WAIT_MS || Number(all) >= MINUTE_MS;
    assert.ok(mayBe, `${swaps} swaps within ${all} ms`);
    [out, inside] = [inside, out];
  }
  assert.ok(swaps >= FREE, `${swaps} swaps were free`);
  await out.untilMentions("This link has been opened on different devices too often");
  await teacher.untilMentions(`${here.name}'s link is being opened on different devices`);

  // Who waits as told may swap once more.
  await out.untilMentions("You can join now.", MINUTE_MS);
  await out.join();
  await inside.untilState("evicted");

  await throughout("one page has the seat", WATCHED_MS, async () => {
    return (await out.state()) === "call" && (await inside.state()) === "evicted";
  });
  await untilSeesAndHears(teacher, [out.name]);
  for (const { people } of await momentsOf(teacher.page)) {
    assert.ok(people.length <= 2, "the link held two seats");
  }
});
