/** LINK-4, LINK-1, EVE-18: links as mail programs, phones and people pass them on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTACT, withFamily } from "../harness/family.ts";
import { fill, press, untilAt } from "../harness/form.ts";
import { linkIn } from "../harness/mailbox.ts";

for (const engine of ["chromium", "firefox"] as const) {
  test(`a link opens however it was rewritten, in ${engine}`, () =>
    withFamily(
      `rewritten in ${engine}`,
      async (family, people, school) => {
        const { parent } = family.links;
        const [address = "", secret = ""] = parent.split("#");
        const id = address.split("/").at(-1) ?? "";
        const spaced = secret.replace(/(.{5})/g, "$1-");
        const page = await people.somebody();
        for (const link of [
          `${address}%23${secret}`,
          `${address}%2523${secret}`,
          `${address}/%23${secret}`,
          `${address}#${secret}.`,
          `${address}#${secret})`,
          `${address}%23${secret}%3E`,
          `${address}#${secret}&utm_source=mail`,
          `${address}?utm_source=mail#${secret}`,
          `${school.origin}/J/${id.toUpperCase()}#${secret.toUpperCase()}`,
          `${school.origin}/j/${id.toUpperCase()}%23${secret.toUpperCase()}`,
          `${address}#${spaced}`,
          `${address}#${secret.slice(0, 9)}%E2%80%8B${secret.slice(9)}`,
        ]) {
          await page.goto("about:blank");
          await page.goto(link);
          await untilAt(page, "My Bookings");
          const now = new URL(page.url());
          assert.ok(!now.pathname.includes(secret), `the secret stands in the path of ${link}`);
          assert.match(now.hash, /^#[0-9a-z-]{26,}$/, `the link is put right: ${link}`);
        }
      },
      { engine },
    ));
}

test("a link that has lost its secret leads out", () =>
  withFamily("lost secret", async (family, people, school) => {
    const { parent } = family.links;
    const [address = "", secret = ""] = parent.split("#");
    const page = await people.somebody();
    for (const cut of [address, `${address}#`, `${address}.`, `${school.origin}/j/`]) {
      await page.goto("about:blank");
      await page.goto(cut);
      await untilAt(page, "This link is not complete");
      await page.getByRole("link", { name: "Contact Us" }).waitFor();
      await page.getByText(`Or call ${CONTACT.phone}.`).waitFor();
    }
    // Typed from a letter, with a space where the # is.
    await press(page, "Open my link");
    await page.getByText("Enter the whole link").first().waitFor();
    const id = address.split("/").at(-1);
    await fill(page, { "Your whole link": `${id} ${secret.toUpperCase()}` });
    await press(page, "Open my link");
    await untilAt(page, "My Bookings");

    // B20's kind: the whole link pasted over what is left of it.
    const tab = await people.somebody();
    await tab.goto(address);
    await untilAt(tab, "This link is not complete");
    await tab.evaluate((whole) => {
      location.href = whole;
    }, parent);
    await untilAt(tab, "My Bookings");

    // One whose end is missing is told so, and the rest pasted over it is read.
    const short = await people.somebody();
    await short.goto(parent.slice(0, -4));
    await untilAt(short, "This link does not work");
    await short.getByText("The end of this link seems to be missing.").waitFor();
    await fill(short, { "Your whole link": parent });
    await press(short, "Open my link");
    await untilAt(short, "My Bookings");
  }));

test("the school's plain address leads to signing in, a lost link and the telephone", () =>
  withFamily("start", async (family, people, school) => {
    const page = await people.somebody();
    await page.goto(school.origin);
    await untilAt(page, "Fairview School: video appointments");
    await page.getByText(`Or call ${CONTACT.phone}.`).waitFor();
    assert.equal(
      await page.getByRole("link", { name: "Sign in", exact: true }).getAttribute("href"),
      "/office",
    );
    const before = school.mail.for("maria@example.org").length;
    const said: string[] = [];
    for (const email of ["stranger@example.org", "maria@example.org"]) {
      await fill(page, { "Email address": email });
      await press(page, "Send me my link again");
      const told = page.getByText(`If ${email} has a link`);
      await told.waitFor();
      said.push(((await told.textContent()) ?? "").replace(email, ""));
      await press(page, "Use another address");
    }
    assert.equal(said[0], said[1], "the answer is the same for somebody who is not known");
    const mail = await school.mail.untilFor("maria@example.org", before + 1);
    assert.equal(linkIn(mail), family.links.parent);
    assert.equal(school.mail.for("stranger@example.org").length, 0);

    const missing = await people.somebody();
    const answer = await missing.goto(`${school.origin}/parents/evening`);
    assert.equal(answer?.status(), 404);
    await untilAt(missing, "This page is not here");
    await missing.getByRole("button", { name: "Send me my link again" }).waitFor();
    await missing.getByRole("link", { name: "Contact Us" }).waitFor();
  }));
