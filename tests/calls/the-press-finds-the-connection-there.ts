/**
 * SCR-11: the page is connected before the press, and the press is one message. Before it nobody hears of
 * anybody and nobody is evicted (SESS-5, NET-3).
 */

import assert from "node:assert/strict";
import type { Engine } from "../harness/browsers.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import type { Visitor } from "../harness/visitor.ts";
import { mediaOf } from "../harness/watch.ts";

/** A page that looks at Join, is connected, and has written down what it says on sockets. */
async function connected(stage: Stage, index: number, engine: Engine) {
  const said: string[] = [];
  const prepare = async (context: Parameters<typeof listen>[0]) => listen(context, said);
  const visitor = await stage.arrives(index, { prepare }, engine);
  await until(`${visitor.name} is connected before the press`, () =>
    visitor.page.evaluate(() =>
      window.journey.peers.some(({ connection }) => connection.connectionState === "connected"),
    ),
  );
  return { visitor, said };
}

async function listen(context: import("playwright-core").BrowserContext, said: string[]) {
  await context.exposeBinding("told", (_source, type: string) => void said.push(type));
  await context.addInitScript(() => {
    const play = HTMLMediaElement.prototype.play;
    const refused: string[] = [];
    Object.defineProperty(window, "refused", { value: refused });
    HTMLMediaElement.prototype.play = function begun() {
      const playing = play.call(this);
      playing.catch(({ name }) => name === "NotAllowedError" && refused.push(this.tagName));
      return playing;
    };
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function told(data) {
      void (window as unknown as { told(type: string): void }).told(JSON.parse(String(data)).type);
      send.call(this, data);
    };
  });
}

const received = async ({ page }: Visitor) => {
  const slots = (await mediaOf(page)) ?? [];
  return slots.reduce((sum, slot) => sum + slot.audio.packets + slot.camera.packets, 0);
};

for (const engine of ["chromium", "firefox"] as const) {
  story(`the press finds the connection there, in ${engine}`, async (stage) => {
    const there = await stage.arrives(0);
    await there.join();
    const older = await stage.arrives(3, {}, engine);
    await older.join();
    await untilAllSeeAndHear([there, older]);
    const tiles = (await there.tiles()).length;

    const { visitor, said } = await connected(stage, 3, engine);
    const guest = await connected(stage, 4, engine);
    assert.equal(await older.state(), "call", "nobody is evicted");
    assert.equal((await there.tiles()).length, tiles, "nobody hears of it");
    assert.deepEqual(await Promise.all([visitor, guest.visitor].map(received)), [0, 0]);
    const before = new Set(said.filter((type) => type !== "ping"));
    assert.deepEqual(before, new Set(["prepare"]));

    const requests = visitor.requests.length;
    await visitor.join();
    await older.untilState("evicted");
    await guest.visitor.join();
    await untilAllSeeAndHear([there, visitor, guest.visitor]);
    assert.equal(said.filter((type) => type === "enter").length, 1, "one press");
    assert.ok(!said.includes("join") && !said.includes("offer"), `${said}`);
    const tickets = visitor.requests
      .slice(requests)
      .filter((one) => one.url().endsWith("/tickets"));
    assert.equal(tickets.length, 0, "the press asks for nothing more");
    for (const { page } of [visitor, guest.visitor]) {
      const refused = await page.evaluate(
        () => (window as unknown as { refused: string[] }).refused,
      );
      assert.deepEqual(refused, [], "the players begin before the press");
      assert.equal(await page.getByRole("button", { name: "Turn on sound" }).count(), 0);
    }
    const peers = await visitor.page.evaluate(() => window.journey.peers.length);
    assert.equal(peers, 1, "one connection serves before and after");
  });
}
