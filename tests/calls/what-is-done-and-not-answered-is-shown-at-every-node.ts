/** OPS-2: a node hears from PostgreSQL no more whether what the office did is done, and it is: pages at every node show it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Changes, StaffHome } from "../../web/src/wire/messages.ts";
import { Api } from "../harness/api.ts";
import { LostAnswers } from "../harness/lost-answers.ts";
import { figure, Ground } from "../harness/node.ts";
import { Program } from "../harness/program.ts";
import { until } from "../harness/until.ts";

test("what is done and not answered is shown at every node", async (t) => {
  const ground = await Ground.lay();
  const way = await LostAnswers.before(ground.postgres);
  const north = await Program.start(ground.settings("north"), [], "--data", ground.first);
  const south = await ground.node("south", { HOMEROOM__DATABASE__URL: way.url });
  t.after(async () => {
    await Promise.all([south.end(), north.end()]);
    await way.close();
    await ground.clear();
  });
  await until("each reaches the other", async () => {
    const reached = [north.port, south.port].map((port) => figure(port, "homeroom_nodes_reached"));
    return (await Promise.all(reached)).every((nodes) => nodes === 2);
  });
  const atSouth = new Api(south.origin);
  await atSouth.setUp(await until("it is printed how the office is set up", () => south.setUpLink));
  const atNorth = atSouth.at(north.origin);
  t.after(() => {
    atSouth.close();
    atNorth.close();
  });
  const { members } = await atSouth.get<{ members: { id: string }[] }>("/members");
  const draft = { name: "Front desk", purpose: "Ask us.", providers: [members[0]?.id] };
  const area = await atSouth.make("/areas", draft);

  // A page of the office's is open at the other node, and asks nothing but what is new.
  const shown = async () => atNorth.get<StaffHome>("/staff");
  const before = await shown();
  assert.equal(before.areas[0]?.name, "Front desk");
  const isNew = async (seen: string): Promise<void> => {
    const { body } = await atNorth.done("POST", "/staff/changes", { seen });
    const heard = JSON.parse(body) as Changes;
    if (heard.type === "nothing") {
      await isNew(heard.seen);
    }
  };
  const hears = isNew(before.seen);

  way.lose(true);
  const pressed = await atSouth.ask("PUT", `/areas/${area.id}`, { ...draft, name: "Reception" });
  way.lose(false);
  assert.equal(pressed.status, 503);
  assert.ok(way.lost > 0, "an answer was lost");
  await hears;
  assert.equal((await shown()).areas[0]?.name, "Reception");
});
