/** SESS-5: only pressing Join uses a link. */

import assert from "node:assert/strict";
import { assertUndisturbed } from "../harness/others.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { throughout } from "../harness/until.ts";

const SCANNER_WAITS_MS = 15_000;

story("GET, HEAD and a browser that opens a link and waits change nothing", async (stage) => {
  const seated = await stage.seats([0, 1]);
  await untilAllSeeAndHear(seated);
  const before = Date.now();

  for (const { url } of stage.program.invitations) {
    for (const method of ["GET", "HEAD"]) {
      const answer = await fetch(url, { method });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    }
  }
  // The links of somebody seated and of somebody who has not come.
  const scanners = [await stage.arrives(0), await stage.arrives(3)];
  await throughout("the scanners are on the join page", SCANNER_WAITS_MS, async () => {
    const states = await Promise.all(scanners.map((scanner) => scanner.state()));
    return states.every((state) => state === "join" || state === "loading");
  });
  for (const scanner of scanners) {
    assert.equal(await scanner.state(), "join");
  }

  await assertUndisturbed(seated, before);
  await untilAllSeeAndHear(seated);
});
