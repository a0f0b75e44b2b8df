/** OPS-5, INV-6: what Debian's Postfix sends back is taken in as `docs/operations.md` tells. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { withSchool } from "../harness/evening-story.ts";
import { untilAt, untilReads } from "../harness/form.ts";
import { type Mail, Mailbox } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";
import { Postfix } from "../harness/postfix.ts";
import { PROGRAM } from "../harness/program.ts";
import type { School } from "../harness/school.ts";

/** The mail server behind Postfix knows nobody of this name. */
const GONE = { name: "Gwen Gone", email: "nobody@home.example" };
const ABROAD = { name: "Jörg Abroad", email: "nobody@bücher.example" };
const HERE = { name: "Hal Here", email: "hal@home.example" };
const FAMILIES = [
  "student,classes,guardian,e-mail",
  `Ana Gone,8B/Ma,${GONE.name},${GONE.email}`,
  `Ben Abroad,8B/Ma,${ABROAD.name},${ABROAD.email}`,
  `Cal Here,8B/Ma,${HERE.name},${HERE.email}`,
].join("\r\n");
const SENDER = "office@fairview.example";

/** As the alias of the guide does it: the report, as it came, goes to `homeroom bounce`. */
async function takeIn(school: School, report: Mail): Promise<string> {
  const child = spawn(PROGRAM, ["bounce"], { cwd: school.folder, env: school.environment });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stdin.end(report.source);
  await once(child, "close");
  assert.equal(child.exitCode, 0, said);
  return said.trim();
}

test("reports of a real Postfix are taken in", async () => {
  const mail = await Mailbox.open();
  try {
    const postfix = await Postfix.start(mail.port);
    try {
      await withSchool(
        "reports of a real Postfix are taken in",
        async (school, people) => {
          const office = await Office.setUp(await people.somebody(), school);
          await office.addTeacher("Ms Okafor", "okafor@fairview.example");
          await office.addClass("8B/Ma", "Mathematics", ["Ms Okafor"]);
          await office.importStudents(FAMILIES);
          await office.createEvening("Autumn evening", eveningOfNow());
          await untilReads(office.page, "3 emails are on the way.");
          await mail.untilFor(HERE.email);
          const reports = [await mail.untilFor(SENDER, 1), await mail.untilFor(SENDER, 2)];
          for (const report of reports) {
            assert.match(report.source.toString("latin1"), /multipart\/report/);
            assert.equal(await takeIn(school, report), "taken in");
          }
          assert.equal(
            await takeIn(school, await mail.untilFor(HERE.email)),
            "this is no report of a delivery that failed or succeeded",
          );
          await office.page.getByRole("link", { name: "People and links" }).click();
          await untilAt(office.page, "People and links");
          for (const [person, state] of [
            [GONE, "Bounced"],
            [ABROAD, "Bounced"],
            [HERE, "Sent"],
          ] as const) {
            const row = office.page.getByRole("row").filter({ hasText: person.name });
            await row.getByText(state, { exact: true }).waitFor();
          }
        },
        { HOMEROOM__MAIL__SMTP_PORT: String(postfix.port) },
      );
    } catch (error) {
      throw new Error(`what Postfix wrote: ${await postfix.log()}`, { cause: error });
    } finally {
      await postfix.stop();
    }
  } finally {
    await mail.close();
  }
});
