/** SESS-8: the program is killed under two calls of four, and started again. */

import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { untilAllSeeAndHear } from "../../harness/progress.ts";
import { story } from "../../harness/story.ts";
import { until } from "../../harness/until.ts";
import { untilFull, type Visitor } from "../../harness/visitor.ts";
import { momentsOf } from "../../harness/watch.ts";

/** Eight pages draw more pictures than two cores may decode: that is another story's. */
const SOUND = { picture: false };

const folder = await mkdtemp(join(tmpdir(), "homeroom-"));

/** Everybody on the page, each in their slot; nobody of them is "reconnecting". */
async function seats(visitor: Visitor): Promise<string> {
  const tiles = await visitor.tiles();
  assert.ok(!tiles.some(({ text }) => text.includes("Reconnecting")), "somebody is not back");
  return JSON.stringify(tiles.map(({ participant, slot }) => ({ participant, slot })));
}

story(
  "killed and started again, everybody is back in their seats by themselves",
  async (stage) => {
    stage.removes(folder);
    const proxy = await stage.proxy();
    const { program } = stage;
    const url = proxy.through(program.invitation(0).url);
    const evicted = await stage.arrives(0, { url });
    await evicted.join();
    const one = await stage.seats([1, 2, 3]);
    const other = await stage.seats([5, 6, 7, 8]);
    // Taken over where nobody can tell the page so.
    proxy.sever();
    one.push(await stage.arrives(0));
    const [, , , taker] = one;
    assert.ok(taker);
    await taker.join();
    const fifth = await stage.arrives(4);
    await fifth.press("Join");
    await untilFull(fifth);
    await fifth.untilSees("You are next");
    await untilAllSeeAndHear(one, SOUND);
    await untilAllSeeAndHear(other, SOUND);
    const everybody = [...one, ...other];
    const before = await Promise.all(
      everybody.map((visitor) => until(`${visitor.name} sees all in place`, () => seats(visitor))),
    );
    const killed = Date.now();

    await program.killAndStartAgain(folder);
    const began = Date.now();
    proxy.mend();
    await Promise.all(
      everybody.map((visitor, index) =>
        until(`${visitor.name} is back`, async () => {
          assert.equal(await visitor.state(), "call");
          assert.equal(await seats(visitor), before[index]);
          return visitor.page.evaluate(
            (since) =>
              window.journey.peers.some(
                ({ connection, made }) =>
                  made > since && connection.connectionState === "connected",
              ),
            killed,
          );
        }),
      ),
    );
    process.stdout.write(`everybody is back after ${Date.now() - began} ms\n`);
    await untilAllSeeAndHear(one, SOUND);
    await untilAllSeeAndHear(other, SOUND);
    await untilFull(fifth);
    await fifth.untilSees("You are next");
    // Its last word comes now.
    await evicted.untilState("evicted");
    for (const { page, name } of everybody) {
      const since = (await momentsOf(page)).filter(({ at }) => at >= began);
      const states = new Set(since.map(({ state }) => state));
      const gone = [...states].filter((state) => state !== "call" && state !== "reconnecting");
      assert.deepEqual(gone, [], name);
      const most = Math.max(...(await momentsOf(page)).map(({ people }) => people.length));
      assert.ok(most <= 4, `${most} people on a page at once`);
    }
    const [leaver] = one;
    assert.ok(leaver);
    await leaver.press("Leave");
    await fifth.untilState("call");
  },
  {
    options: ["--calls", "2", "--data", folder],
    prepare: async (context) => {
      await context.addInitScript(() => {
        window.journey.camera = { width: 160, height: 90, frameRate: 5 };
      });
    },
  },
);
