/** NET-2: real browsers of two makes, in one call. */

import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";

story("Chromium and Firefox share a call", async (stage) => {
  const chromium = await stage.arrives(0);
  await chromium.join();
  const firefox = await stage.arrives(3, {}, "firefox");
  await firefox.join();
  const another = await stage.arrives(1);
  await another.join();
  await untilAllSeeAndHear([chromium, firefox, another]);
  await firefox.page.reload();
  await firefox.untilState("call");
  await untilAllSeeAndHear([chromium, firefox, another]);
});
