/** SESS-4, CALL-5, for a dropped socket: media lives on, the seat is kept. */

import assert from "node:assert/strict";
import { assertUndisturbed } from "../harness/others.ts";
import { untilAllSeeAndHear, untilSeesAndHears } from "../harness/progress.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import { momentsOf } from "../harness/watch.ts";

async function twoAndOneBehindAProxy(stage: Stage) {
  const proxy = await stage.proxy();
  const others = await stage.seats([1, 2]);
  const url = proxy.through(stage.program.invitation(0).url);
  const dropped = await stage.arrives(0, { url });
  await dropped.join();
  await untilAllSeeAndHear([dropped, ...others]);
  return { proxy, dropped, others };
}

story("a dropped socket resumes the same seat and evicts nobody", async (stage) => {
  const { proxy, dropped, others } = await twoAndOneBehindAProxy(stage);
  const before = Date.now();
  proxy.cut();
  await until("the page has a new socket", () => proxy.connections > 0);
  await dropped.untilState("call");
  await untilAllSeeAndHear([dropped, ...others]);
  await assertUndisturbed(others, before);
});

story("a socket that is gone for a while is shown as reconnecting", async (stage) => {
  const { proxy, dropped, others } = await twoAndOneBehindAProxy(stage);
  const before = Date.now();
  proxy.sever();
  const [other] = others;
  assert.ok(other);
  await until("the others see that somebody is reconnecting", async () => {
    const people = (await momentsOf(other.page)).at(-1)?.people ?? [];
    return people.some(({ reconnecting }) => reconnecting);
  });
  // The socket is gone, and sound and picture go on.
  await untilSeesAndHears(other, [dropped.name]);
  await untilSeesAndHears(
    dropped,
    others.map(({ name }) => name),
  );
  proxy.mend();
  await until("nobody is reconnecting", async () => {
    const people = (await momentsOf(other.page)).at(-1)?.people ?? [];
    return people.every(({ reconnecting }) => !reconnecting);
  });
  await untilAllSeeAndHear([dropped, ...others]);
  await assertUndisturbed(others, before);
});
