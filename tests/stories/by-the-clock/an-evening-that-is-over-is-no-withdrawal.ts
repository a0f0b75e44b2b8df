/** LINK-5: who reads that the evening is over, and who that they were withdrawn. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { CONTACT, EVENING_MS, LINKS_OUTLIVE_MS, withFamily } from "../../harness/family.ts";
import { untilAt } from "../../harness/form.ts";
import { lookAgain, sleep } from "../../harness/sleep.ts";

const AHEAD_MS = 20_000;
const OVER = "This evening is over";
const WITHDRAWN = "Your invitation has been withdrawn.";
const WITHIN_MS = 60_000;

async function untilOver(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1, name: OVER }).waitFor({ timeout: WITHIN_MS });
  assert.equal(await page.getByText(WITHDRAWN).count(), 0);
  await untilHelped(page);
  await page.getByRole("button", { name: "Send me my link again" }).waitFor();
}

/** A teacher goes on reading their list, and what they wrote; there is nothing to join. */
async function untilList(page: Page): Promise<void> {
  await page.getByText("All your appointments are over.").waitFor({ timeout: WITHIN_MS });
  await page.getByText(`${OVER}.`, { exact: true }).waitFor();
  await page
    .getByRole("button", { name: /^Add a private line about / })
    .first()
    .waitFor();
  assert.equal(await page.getByRole("button", { name: "Join", exact: true }).count(), 0);
}

/** OPS-6: the school's own contact, on a page that its link no longer tells of. */
async function untilHelped(page: Page): Promise<void> {
  const contact = page.getByRole("link", { name: "Contact Us", exact: true });
  await contact.waitFor();
  assert.equal(await contact.getAttribute("href"), `mailto:${CONTACT.email}`);
  await page.getByText(`Or call ${CONTACT.phone}.`).waitFor();
}

// They mostly wait for the moment: both wait at the same time.
describe("after the evening", { concurrency: true }, () => {
  for (const engine of ["chromium", "firefox"] as const) {
    test(`after the evening its pages say that it is over, in ${engine}`, () =>
      withFamily(
        `evening over in ${engine}`,
        async (family, people) => {
          const { parent, guest, teacher } = family.links;
          const opened = async (link: string) => {
            const page = await people.somebody();
            await page.goto(link);
            await page.locator("[data-appointment]").first().waitFor();
            return page;
          };
          const pages = await Promise.all([parent, guest].map(opened));
          const list = await opened(teacher);
          const asleep = await people.somebody();
          await asleep.goto(guest);
          await asleep.locator("[data-appointment]").first().waitFor();
          const wake = await sleep(asleep, engine);
          // All are open before its last moments begin, however long that took.
          family.begins(AHEAD_MS - EVENING_MS - LINKS_OUTLIVE_MS);
          await Promise.all([...pages, list].map(lookAgain));
          await Promise.all([...pages.map(untilOver), untilList(list)]);
          await wake();
          await untilOver(asleep);
          // Opened afterwards they say the same.
          await Promise.all(
            [parent, guest].map(async (link) => {
              const page = await people.somebody();
              await page.goto(link);
              await untilOver(page);
            }),
          );
          await untilList(await opened(teacher));
        },
        { engine },
      ));
  }
});

test("a withdrawn link says so, opened before and opened afterwards", () =>
  withFamily("withdrawn", async (family, people, school) => {
    const before = await people.somebody();
    await before.goto(family.links.guest);
    await before.locator("[data-appointment]").first().waitFor();
    const { invitations } = await family.api.get<{ invitations: { id: string }[] }>(
      `/evenings/${family.evening}/invitations`,
    );
    assert.ok(invitations[0]);
    await family.api.done("DELETE", `/invitations/${invitations[0].id}`);
    await untilAt(before, WITHDRAWN);
    const afterwards = await people.somebody();
    await afterwards.goto(family.links.guest);
    await untilAt(afterwards, WITHDRAWN);
    await untilHelped(afterwards);
    // To a stranger there is one answer, whether the link was ever one or not.
    const [address = ""] = family.links.guest.split("#");
    for (const link of [`${address}#${"0".repeat(26)}`, `${school.origin}/j/00000000#abc`]) {
      const page = await people.somebody();
      await page.goto(link);
      await untilAt(page, "This link does not work");
      await untilHelped(page);
    }
  }));
