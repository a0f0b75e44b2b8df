/** NET-2, OPS-3: PROTOCOL.md is enough to write a client that joins, is queued, evicted, resumed. */

import assert from "node:assert/strict";
import { untilSeesAndHears } from "../harness/progress.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";
import { Stranger } from "../harness/stranger.ts";
import { until } from "../harness/until.ts";

function stranger(stage: Stage, index: number): Stranger {
  const client = new Stranger(stage.program.invitation(index));
  stage.afterwards(() => client.end());
  return client;
}

async function untilReceives(client: Stranger): Promise<void> {
  const before = client.frames;
  await until("the stranger sees and hears", () => {
    assert.ok(!client.hasEnded, client.complaints);
    return client.frames.some(
      ({ audio, camera }, slot) =>
        audio > (before[slot]?.audio ?? 0) && camera > (before[slot]?.camera ?? 0),
    );
  });
}

story("a stranger written from the protocol joins, resumes, is evicted", async (stage) => {
  const [visitor] = await stage.seats([0]);
  assert.ok(visitor);
  const { name } = stage.program.invitation(3);
  const first = stranger(stage, 3);
  await until("the stranger is seated", () => {
    assert.ok(!first.hasEnded, first.complaints);
    return first.last("joined");
  });
  await visitor.untilWith([visitor.name, name]);
  await untilSeesAndHears(visitor, [name]);
  await untilReceives(first);

  const epoch = first.last("joined")?.session.epoch;
  const joins = () => first.said.filter(({ type }) => type === "joined").length;
  first.command("drop");
  await until("the stranger has resumed", () => joins() === 2);
  assert.equal(first.last("joined")?.session.epoch, epoch, "resuming is no new session");
  await untilSeesAndHears(visitor, [name]);
  await untilReceives(first);

  const second = stranger(stage, 3);
  await until("the second device is seated", () => second.last("joined"));
  await until("the first heard the last word", () => first.closes.length === 2);
  assert.equal(first.last("goodbye")?.reason, "replaced");
  assert.equal(first.closes.at(-1), 4003);
  await untilSeesAndHears(visitor, [name]);
  await untilReceives(second);
  second.command("leave");
  await visitor.untilWith([visitor.name]);
  const word = await until("the second heard its last word", () => second.last("goodbye"));
  assert.equal(word.reason, "left");
});

story(
  "a stranger in the queue is let in",
  async (stage) => {
    const [visitor] = await stage.seats([0]);
    assert.ok(visitor);
    const first = stranger(stage, 1);
    await until("the stranger is seated", () => first.last("joined"));
    const second = stranger(stage, 2);
    await until("the stranger waits", () => second.last("queued")?.place === 1);
    assert.equal(second.last("joined"), undefined);
    first.command("leave");
    await until("the stranger is let in", () => second.last("joined"));
    await untilReceives(second);
    await untilSeesAndHears(visitor, [stage.program.invitation(2).name]);
  },
  { settings: { HOMEROOM__CALLS__CAP: "2" } },
);
