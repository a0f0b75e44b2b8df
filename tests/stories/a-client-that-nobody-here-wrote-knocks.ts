/** ROOM-3, SCR-5, OPS-3: PROTOCOL.md is enough to knock at a kept door, be let in and be let go. */

import assert from "node:assert/strict";
import { eveningStory } from "../harness/evening-story.ts";
import { press, untilAt, untilReads } from "../harness/form.ts";
import { enter, makeRoom } from "../harness/room.ts";
import { Stranger } from "../harness/stranger.ts";
import { until } from "../harness/until.ts";

/** A guest's own link, for whoever has the room's. */
async function visit(link: string, name: string): Promise<string> {
  const { origin, pathname, hash } = new URL(link);
  const id = pathname.split("/").at(-1);
  const attempt = crypto.randomUUID().replaceAll("-", "");
  const answer = await fetch(`${origin}/api/v1/links/${id}/visitors`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ secret: hash.slice(1), name, attempt }),
  });
  assert.equal(answer.status, 200);
  const { path } = (await answer.json()) as { readonly path: string };
  return `${origin}${path}`;
}

eveningStory("a client that nobody here wrote knocks", async (school, people) => {
  const { office, link } = await makeRoom(school, people, true);
  const name = "Ann Oyelaran";
  const client = new Stranger({ name, role: "guest", url: await visit(link, name) });
  try {
    await until("the client knocks", () => client.last("queued")?.knocks === true);
    await until("it counts down", () => client.last("countdown")?.ends_in_ms !== undefined);
    const member = office.page;
    await enter(member, school.origin);
    await until("a member came", () => client.last("countdown")?.ends_in_ms === undefined);
    await untilReads(member, `${name} asks to be let in.`);
    assert.equal(client.last("joined"), undefined);
    await press(member, `Let ${name} in`);
    await until("the client sees and hears the member", () =>
      client.frames.some(({ audio, camera }) => audio > 0 && camera > 0),
    );
    await press(member, "More");
    await press(member, "People");
    await press(member, `Disconnect ${name}`);
    await until("the client heard the last word", () => client.closes.length === 1);
    assert.equal(client.last("goodbye")?.reason, "disconnected");
    assert.deepEqual(client.closes, [4005]);
    await press(member, "Close");
    await press(member, "Leave");
    await untilAt(member, "You have left the call");
  } finally {
    client.end();
  }
});
