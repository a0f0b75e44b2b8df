/** OPS-2, CALL-1, SESS-1: any node takes any link, a meeting lives at one of them, and its rules hold at all. */

import assert from "node:assert/strict";
import { figure, Ground } from "../harness/node.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import { untilFull, type Visitor } from "../harness/visitor.ts";

/** The relays that the page of somebody was told of for its last press. */
async function relaysOf(visitor: Visitor): Promise<readonly string[]> {
  const pressed = visitor.requests.filter((request) => request.url().endsWith("/tickets")).at(-1);
  const answer = await pressed?.response();
  assert.ok(answer, "it has pressed");
  const { relay } = (await answer.json()) as { relay?: { urls: readonly string[] } };
  assert.ok(relay && relay.urls.length > 0, "it was told of none");
  return relay.urls;
}

const ground = await Ground.lay();

story(
  "a meeting at another node is joined all the same, and goes on without it",
  async (stage) => {
    stage.afterwards(() => ground.clear());
    const { program } = stage;
    const other = await ground.node("south");
    stage.afterwards(() => other.end());
    const there = (index: number) => other.at(program.invitation(index).url);
    const seated = async (port: number) => figure(port, "homeroom_seats_taken");

    // The first who comes brings the meeting to the node that they are at.
    const teacher = await stage.arrives(0, { url: there(0) });
    await teacher.join();
    const parent = await stage.arrives(3);
    await parent.join();
    await untilAllSeeAndHear([teacher, parent]);
    assert.equal(await seated(other.port), 2, "both are there");
    assert.equal(await seated(program.port), 0, "and nobody is here");
    for (const url of await relaysOf(parent)) {
      assert.match(url, new RegExp(`:${other.media}\\b`), "the relay leads to the media there");
    }

    // One link, one session, at whichever node.
    const again = await stage.arrives(3, { url: there(3) });
    await again.join();
    await parent.untilState("evicted");
    await untilAllSeeAndHear([teacher, again]);

    // Four seats, however they come.
    const third = await stage.arrives(1);
    await third.join();
    const fourth = await stage.arrives(2, { url: there(2) });
    await fourth.join();
    const fifth = await stage.arrives(4);
    await fifth.press("Join");
    await untilFull(fifth);
    await fifth.untilSees("You are next");
    await untilAllSeeAndHear([teacher, again, third, fourth]);
    assert.equal(await seated(other.port), 4);

    // Its node dies: who is at this one goes on, in the same seat, and the meeting is here from now on.
    const slot = await third.slotOf(teacher.name);
    await other.kill();
    await until("the meeting is here", async () => (await seated(program.port)) === 4);
    await third.untilState("call");
    await untilFull(fifth);
    await other.start();
    await untilAllSeeAndHear([teacher, again, third, fourth]);
    assert.equal(await third.slotOf(teacher.name), slot, "in the seat of before");
    assert.equal(await seated(other.port), 0, "it has nobody any more");
    await fifth.untilState("queued");
  },
  { settings: ground.settings("north"), options: ["--data", ground.first] },
);
