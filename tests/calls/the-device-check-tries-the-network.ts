/** SCR-1: the device check tries the way to the media server, and says what it found. */

import assert from "node:assert/strict";
import type { Engine } from "../harness/browsers.ts";
import { follow, untilReads } from "../harness/form.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";

/** Without permission to use the camera a browser goes to every address, this machine's own too. */
const ARRIVAL = { permitted: false };

async function checks(stage: Stage, index: number, engine: Engine, words: string): Promise<void> {
  const visitor = await stage.arrives(index, ARRIVAL, engine);
  await follow(visitor.page, "Check your camera and microphone");
  await untilReads(visitor.page, words);
  await follow(visitor.page, "Back");
  await visitor.page.getByRole("button", { name: "Join", exact: true }).waitFor();
}

story("the device check tells an open network from one without UDP", async (stage) => {
  const open = "Sound and picture get through on this network.";
  await checks(stage, 3, "chromium", open);
  await checks(stage, 4, "firefox", open);
  const detour = /^On this network sound and picture get through only by a longer way/;
  const walled = await stage.arrives(0, ARRIVAL, "chromium-without-udp");
  await follow(walled.page, "Check your camera and microphone");
  const found = walled.page.locator("section.network:not([data-network=checking])");
  await found.waitFor();
  assert.equal(await found.getAttribute("data-network"), "detour");
  await walled.page.getByText(detour).waitFor();
  assert.equal(await walled.state(), "join");
});

/** An address that leads nowhere (RFC 5737). */
const NOWHERE = { HOMEROOM__MEDIA__ANNOUNCE: "192.0.2.1" };

story(
  "a network that lets nothing through is told what to allow",
  async (stage) => {
    const blocked = await stage.arrives(3, ARRIVAL);
    await follow(blocked.page, "Check your camera and microphone");
    await blocked.page.getByText(/^This network does not let sound and picture through/).waitFor();
    await blocked.page.getByText(/allow UDP and TCP to 192\.0\.2\.1:\d+\.$/).waitFor();
    await untilReads(blocked.page, "You can still join, but you may not see or hear the others.");
  },
  { settings: NOWHERE },
);
