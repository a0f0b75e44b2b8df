/** What the office decides, chooses and is told: pages of an evening beside those of its list. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { fill, follow, press, untilAt, untilReads } from "./form.ts";
import { linkIn } from "./mailbox.ts";
import type { Office } from "./office.ts";
import type { People } from "./people.ts";
import type { School } from "./school.ts";
import { until } from "./until.ts";

type Show = (screen: string, page: Page) => Promise<void>;

const WORDS = "Please phone the office about this person.";

/** A file whose headings say nothing here. */
const OWN_HEADINGS = [
  "Who,At home,Where to write,Locker",
  "Nuno Alves,Rita Alves,rita@example.org,17",
  "Inês Alves,Rita Alves,rita@example.org,18",
].join("\r\n");

/** Whoever has forgotten their password is sent a link. */
export async function showForgotten(page: Page, show: Show): Promise<void> {
  await press(page, "Forgotten password");
  await untilAt(page, "Forgotten password");
  await show("forgotten", page);
  await fill(page, { "Email address": "nobody@fairview.example" });
  await press(page, "Send me a link");
  await page.getByText("If nobody@fairview.example is the email address of").waitFor();
  await show("forgotten-sent", page);
}

/** The office says what the columns of a file mean, and that is known for the next. */
export async function showColumns(office: Office, show: Show): Promise<void> {
  const { page } = office;
  const check = async () => {
    await office.goTo("import");
    await page.getByLabel("CSV file").setInputFiles({
      name: "own.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(OWN_HEADINGS),
    });
    await press(page, "Check the file");
  };
  await check();
  await untilAt(page, "What do the columns mean?");
  await show("office-import-columns", page);
  await fill(page, {
    "Column 1: “Who”": "student",
    "Column 2: “At home”": "guardian_1_name",
    "Column 3: “Where to write”": "guardian_1_email",
  });
  await press(page, "Check the file");
  await untilAt(page, "What the import would do");
  await show("office-import-chosen", page);
  await press(page, "Import now");
  await untilAt(page, "The import is done");
  await check();
  await untilAt(page, "What the import would do");
  await untilReads(page, "The columns are as you chose them for an earlier file.");
}

/** A wish is refused in the office's words, and the parent reads them. */
export async function showRefusal(
  office: Office,
  { school, people, parent }: { school: School; people: People; parent: string },
  show: Show,
): Promise<void> {
  const { page } = office;
  await office.goTo("approvals");
  await press(page, "Refuse");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill(WORDS);
  await show("office-refuse-asks", page);
  await dialog.getByRole("button", { name: "Refuse", exact: true }).click();
  await untilReads(page, "Nothing to decide.");
  const mail = await until("the parent is told", () =>
    school.mail.for(parent).find(({ subject }) => subject?.includes("not approved")),
  );
  assert.ok(mail.text?.includes(WORDS), mail.text);
  const reader = await people.somebody();
  await reader.goto(linkIn(mail));
  await untilReads(reader, WORDS);
  await show("parent-declined", reader);
}

/** Two people at one student: the later one reads what the other changed, and decides. */
export async function showMeanwhile(office: Office, student: string, show: Show): Promise<void> {
  const { page } = office;
  await office.goTo("students");
  await follow(page, student);
  await untilAt(page, student);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await untilAt(other, student);
  await fill(other, { Homeroom: "8C" });
  await press(other, "Save");
  await untilReads(other, `${student} has been saved.`);
  await other.close();
  await fill(page, { Name: `${student} Vega` });
  await press(page, "Save");
  await page.getByText("8C").first().waitFor();
  await show("office-changed-meanwhile", page);
  await press(page, "Save");
  await untilReads(page, `${student} Vega has been saved.`);
}
