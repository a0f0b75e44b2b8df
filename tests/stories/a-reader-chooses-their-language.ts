/**
 * Pages are in the language that their reader chose, on this device and by the link on any other, and so are
 * the e-mails that follow, with their calendar files.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { linkOf } from "../harness/api.ts";
import { EVENING, type Family, withFamily } from "../harness/family.ts";
import { press, untilAt } from "../harness/form.ts";
import type { Mail } from "../harness/mailbox.ts";
import type { School } from "../harness/school.ts";
import { until } from "../harness/until.ts";

const written = (page: Page) =>
  page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);

/** Waits until the server knows what the holder of a link reads. */
async function untilReads(family: Family, link: string, language: string): Promise<void> {
  // Where the choice itself was by script, and so no person's, a click was.
  await until(`the server knows of ${language}`, async () => {
    const view = JSON.parse((await family.api.by(linkOf(link), "")).body) as { language?: string };
    return view.language === language || undefined;
  });
}

declare global {
  interface Window {
    /** What is kept back goes on; done once it is answered. */
    goOn: () => Promise<void>;
  }
}

/** Keeps back what the page asks with these words in it, until it is to go on. */
async function keepBack(page: Page, words: string): Promise<void> {
  await page.evaluate((words) => {
    const ask = window.fetch;
    const mayGo = Promise.withResolvers<void>();
    const isOver = Promise.withResolvers<void>();
    window.fetch = async (what, how) => {
      if (typeof how?.body !== "string" || !how.body.includes(words)) {
        return ask(what, how);
      }
      await mayGo.promise;
      return ask(what, how).finally(isOver.resolve);
    };
    window.goOn = () => {
      mayGo.resolve();
      return isOver.promise;
    };
  }, words);
}

/** The school moves the evening, and writes to everybody. */
async function movesTheEvening(family: Family): Promise<void> {
  await family.api.done("PUT", `/evenings/${family.evening}`, { ...EVENING, date: "2040-01-11" });
}

/** The e-mail with this in its subject, and its calendar file. */
async function arrives(school: School, address: string, subject: string) {
  const mail: Mail = await until(`an e-mail to ${address}`, () =>
    school.mail.for(address).find((one) => one.subject?.includes(subject)),
  );
  const [file] = mail.attachments;
  const calendar = file?.content.toString().replaceAll("\r\n ", "") ?? "";
  return { text: mail.text ?? "", html: mail.html || "", calendar };
}

for (const engine of ["chromium", "firefox"] as const) {
  test(`a parent reads German from then on, also on another device, in ${engine}`, () =>
    withFamily(
      `German in ${engine}`,
      async (family, people, school) => {
        const page = await people.somebody();
        await page.goto(family.links.parent);
        await untilAt(page, "My Bookings");
        await page.getByRole("banner").getByText("Fairview School").waitFor();
        await page.getByLabel("Language").selectOption({ label: "Deutsch" });
        await untilAt(page, "Meine Buchungen");
        await page.getByRole("heading", { level: 1 }).click();
        await untilReads(family, family.links.parent, "de");
        assert.deepEqual(await written(page), ["de", "ltr"]);
        await page.getByText("Dienstag, 10. Januar 2040").waitFor();
        // What was told before is told anew, in the language that was chosen since.
        await page.getByRole("button", { name: "Bestätigung noch einmal schicken" }).click();
        const told = page.getByRole("alert");
        await told.getByText("Ihre Bestätigung").waitFor();
        // On a slow line too the choice that came last is the one that is kept.
        await keepBack(page, '"language":"en"');
        await page.getByLabel("Sprache").selectOption("en");
        await told.getByText("Your confirmation is on its way").waitFor();
        await page.getByLabel("Language").selectOption("de");
        await told.getByText("Ihre Bestätigung").waitFor();
        await page.evaluate(() => window.goOn());
        // A page that is loaded anew takes with it what it was about to say.
        await untilReads(family, family.links.parent, "de");
        await page.reload();
        await untilAt(page, "Meine Buchungen");
        // Somebody else's browser has no choice of its own, and nothing of the first one's.
        const other = await people.somebody();
        await other.goto(family.links.parent);
        await untilAt(other, "Meine Buchungen");
        // What is wrong with a form too, and the focus stays at the choice.
        const start = await people.somebody();
        await start.goto(school.origin);
        await press(start, "Send me my link again");
        const wrong = start.getByRole("alert");
        await wrong.getByText("Enter the email address").waitFor();
        await start.getByLabel("Language").focus();
        await start.getByLabel("Language").selectOption("de");
        await wrong.getByText(/^Geben/).waitFor();
        assert.equal(await start.evaluate(() => document.activeElement?.tagName), "SELECT");
        // Whoever was never there with this link reads their own.
        const guest = await people.somebody();
        await guest.goto(family.links.guest);
        await untilAt(guest, "You are invited to a video appointment");
        // From right to left, and nothing to be scrolled to on a telephone.
        await guest.setViewportSize({ width: 360, height: 740 });
        await guest.getByLabel("Language").selectOption("ar");
        await untilAt(guest, "أنت مدعوّ إلى موعد بالفيديو");
        assert.deepEqual(await written(guest), ["ar", "rtl"]);
        const overflows = () =>
          document.documentElement.scrollWidth > document.documentElement.clientWidth;
        assert.equal(await guest.evaluate(overflows), false, "it scrolls sideways");
        await guest.getByRole("heading", { level: 1 }).click();
        await untilReads(family, family.links.guest, "ar");
        // On a device that two share each reads what is kept with their own link; the e-mails below follow it.
        await guest.goto(family.links.parent);
        await untilAt(guest, "Meine Buchungen");
        await guest.getByRole("heading", { level: 1 }).click();

        await movesTheEvening(family);
        const german = await arrives(school, "maria@example.org", "Neuer Tag");
        assert.match(german.text, /^Guten Tag, Maria Santos,/);
        assert.match(german.text, /Mittwoch, 11\. Januar 2040, 08:00 bis 08:10 Uhr/);
        assert.match(german.calendar, /DESCRIPTION:Mittwoch\\, 11\. Januar 2040/);
        const arabic = await arrives(school, "paulo@example.org", "تاريخ أو وقت جديد");
        assert.match(arabic.text, /^مرحبًا \u2068Paulo Santos\u2069،/);
        assert.match(arabic.calendar, /LOCATION:مكالمة فيديو/);
        // Somebody's mail program shows the body, and may leave out what is around it.
        const mail = await people.somebody();
        await mail.setViewportSize({ width: 360, height: 740 });
        await mail.setContent(/<body[^>]*>.*<\/body>/s.exec(arabic.html)?.[0] ?? "");
        const words = mail.getByText("مرحبًا");
        assert.equal(await words.locator("bdi").textContent(), "Paulo Santos");
        assert.equal(await words.evaluate((it) => getComputedStyle(it).direction), "rtl");
        assert.equal(await mail.evaluate(overflows), false, "the e-mail scrolls sideways");
      },
      { engine },
    ));
}
