/** NET-1: where a network lets nothing through but HTTPS, there is still sound and picture. */

import assert from "node:assert/strict";
import { makeCertificate } from "../harness/certificate.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { routeOf } from "../harness/route.ts";
import { story } from "../harness/story.ts";

/** Kept for documentation (RFC 5737): nobody is there, so that media goes nowhere by itself. */
const NOWHERE = "198.51.100.1";

const certificate = await makeCertificate();

story(
  "one port of TLS is enough",
  async (stage) => {
    stage.afterwards(certificate.remove);
    const teacher = await stage.arrives(0, {}, "chromium-trusting");
    await teacher.join();
    const parent = await stage.arrives(3, {}, "chromium-trusting");
    await parent.join();
    await untilAllSeeAndHear([teacher, parent]);
    for (const { page } of [teacher, parent]) {
      assert.ok(page.url().startsWith("https://"));
      assert.deepEqual(await routeOf(page), {
        protocol: "udp",
        type: "relay",
        relayProtocol: "tls",
      });
    }
  },
  { settings: { ...certificate.settings, HOMEROOM__MEDIA__ANNOUNCE: NOWHERE } },
);
