/**
 * OPS-2, SCR-11: the records are away while somebody presses Join: they read so where Join is, which stays as it was. No page
 * waits for anything else that it would like to know meanwhile.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { withFamily } from "../harness/family.ts";
import { untilAt } from "../harness/form.ts";

/** What a server closes the socket by that has lost its records: `unavailable`. */
const UNAVAILABLE = 4013;

test("whoever presses Join while the records are away reads so at once, on the page where they were", () =>
  withFamily("the records are away", async (family, people) => {
    family.begins(0);
    for (const link of [family.links.parent, family.links.teacher, family.links.guest]) {
      const page = await people.somebody();
      await page.routeWebSocket(/\/api\/v1\/socket/, (socket) => {
        socket.onMessage((text) => {
          const { type } = JSON.parse(String(text)) as { type: string };
          if (type === "join") {
            void socket.close({ code: UNAVAILABLE });
          }
        });
      });
      await page.goto(link);
      const join = page.getByRole("button", { name: "Join", exact: true }).first();
      await join.waitFor();
      const heading = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
      assert.notEqual(heading, "");
      // From now on nothing is answered that is asked of the link, but whether it may press Join.
      await page.route(/\/api\/v1\/links\/.*(?<!\/tickets)$/, () => {});
      await join.click();
      await page.getByText("The server cannot take you in just now.").first().waitFor();
      await join.waitFor();
      await untilAt(page, heading);
      await page.context().close();
    }
  }));
