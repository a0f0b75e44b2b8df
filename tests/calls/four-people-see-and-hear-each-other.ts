/** CALL-1, NET-2: the main job. */

import assert from "node:assert/strict";
import type { Request } from "playwright-core";
import type { Program } from "../harness/program.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";

story("four people see and hear each other", async (stage) => {
  const four = await stage.seats([0, 1, 2, 3]);
  const names = four.map(({ name }) => name);
  for (const visitor of four) {
    await visitor.untilWith(names);
    const slots = (await visitor.tiles()).map(({ slot }) => slot);
    assert.deepEqual(slots.toSorted(), [0, 1, 2, undefined], "one slot for each of the others");
  }
  await untilAllSeeAndHear(four);
  // And again, from here on: it goes on.
  await untilAllSeeAndHear(four);
  for (const { requests } of four) {
    await assertDiscreet(requests, stage.program);
  }
});

/** SCR-10, LINK-1: no request leaves for a third party, and no secret is in a URL or a Referer. */
async function assertDiscreet(
  requests: readonly Request[],
  { origin, invitations }: Program,
): Promise<void> {
  assert.ok(requests.length > 0);
  const secrets = invitations.map(({ url }) => new URL(url).hash.slice(1));
  for (const request of requests) {
    assert.equal(new URL(request.url()).origin, origin);
    const told = [
      new URL(request.url()).href.split("#")[0],
      JSON.stringify(await request.allHeaders()),
    ];
    assert.ok(!secrets.some((secret) => told.some((text) => text?.includes(secret))));
  }
}
