/** NET-1: credentials of the relay come with the ticket, and it carries sound and picture. */

import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { routeOf } from "../harness/route.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";

/** Has pages go by a relay alone. */
async function relayAlone(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const Free = RTCPeerConnection;
    window.RTCPeerConnection = class extends Free {
      constructor(configuration?: RTCConfiguration) {
        super({ ...configuration, iceTransportPolicy: "relay" });
      }
    };
  });
}

story(
  "a relay carries who can go no other way",
  async (stage) => {
    const relayed = await stage.arrives(0);
    await relayed.join();
    const [direct] = await stage.seats([1]);
    assert.ok(direct);
    await untilAllSeeAndHear([relayed, direct]);
    assert.equal((await routeOf(relayed.page)).type, "relay");
    await until("there is no relay where there is no need", async () => {
      return (await routeOf(direct.page)).type === "host";
    });

    // The session goes on after a reload, and so does its way.
    await relayed.page.reload();
    await relayed.untilState("call");
    await untilAllSeeAndHear([relayed, direct]);
    assert.equal((await routeOf(relayed.page)).type, "relay");
  },
  { prepare: async (context, index) => (index === 0 ? relayAlone(context) : undefined) },
);

const folder = await mkdtemp(join(tmpdir(), "homeroom-"));

story(
  "a relay carries them again after the program was killed and started again",
  async (stage) => {
    stage.removes(folder);
    const relayed = await stage.arrives(0);
    await relayed.join();
    const [direct] = await stage.seats([1]);
    assert.ok(direct);
    await untilAllSeeAndHear([relayed, direct]);
    await stage.program.killAndStartAgain(folder);
    // Credentials end with the program that gave them: nobody presses anything, and there are others.
    await relayed.untilState("call");
    await untilAllSeeAndHear([relayed, direct]);
    assert.equal((await routeOf(relayed.page)).type, "relay");

    // So there are for a page that was not open while that happened.
    const url = relayed.page.url();
    await relayed.page.goto("about:blank");
    await stage.program.killAndStartAgain(folder);
    await relayed.page.goto(url);
    await relayed.untilState("call");
    await untilAllSeeAndHear([relayed, direct]);
    assert.equal((await routeOf(relayed.page)).type, "relay");
  },
  {
    options: ["--data", folder],
    prepare: async (context, index) => (index === 0 ? relayAlone(context) : undefined),
  },
);
