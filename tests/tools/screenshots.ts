/** Pictures of the join page, the call of four, the full page and the evicted page. */

import { mkdir } from "node:fs/promises";
import { LOOKS, type Look, sitBefore } from "../harness/portrait.ts";
import { eachScreen } from "../harness/screens.ts";
import { OUT, Stage } from "../harness/stage.ts";

const stage = await Stage.set({
  prepare: (context, index) => sitBefore(context, LOOKS[index % LOOKS.length] as Look),
});
try {
  await mkdir(OUT, { recursive: true });
  await eachScreen(stage, async (screen, width, page) => {
    const path = `${OUT}${screen}-${width}.png`;
    await page.screenshot({ path });
    console.log(path);
  });
} finally {
  await stage.strike();
}
