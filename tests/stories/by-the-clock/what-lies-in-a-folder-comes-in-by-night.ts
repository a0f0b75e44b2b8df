/**
 * DIR-1, DIR-11: what another system leaves in the folder of the settings is imported by night: not what it
 * still writes, not again what was there the night before, and not without the office where more than a fifth
 * of the people would leave. What cannot be taken says so, and changes nothing. The program's clock is put
 * forward.
 */

import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import type { SchoolSettings } from "../../../web/src/wire/messages.ts";
import { accessProblems } from "../../harness/accessibility.ts";
import { asOffice } from "../../harness/as-office.ts";
import { withSchool } from "../../harness/evening-story.ts";
import { fill, press } from "../../harness/form.ts";
import { ADMINISTRATOR, Office } from "../../harness/office.ts";
import { picture } from "../../harness/picture.ts";
import { until } from "../../harness/until.ts";
import { dayZone, nightZone } from "../../harness/wonde.ts";

const DAY_S = 24 * 60 * 60;
const STAFF = ["Staff code,Name,E-mail", "NOK,Ngozi Okafor,o@x.example", "TBR,Tom Brandt,"];

test("what lies in a folder comes in by night", async () => {
  const folder = await mkdtemp(`${tmpdir()}/homeroom-dropped-`);
  const leave = async (name: string, lines: readonly string[], secondsAgo = 120) => {
    const then = Date.now() / 1000 - secondsAgo;
    await writeFile(`${folder}/${name}`, lines.map((line) => `${line}\n`).join(""));
    await utimes(`${folder}/${name}`, then, then);
  };
  const settings = {
    HOMEROOM__IMPORT__FOLDER: folder,
    HOMEROOM__IMPORT__FOLDER_IS_WHOLE: "true",
  };
  try {
    await withSchool(
      "what lies in a folder comes in by night",
      async (school, people) => {
        const office = await Office.setUp(await people.somebody(dayZone()), school);
        const { page } = office;
        await office.goTo("import/system");
        const part = page.getByRole("region", { name: "From the import folder" });
        const byPress = async (words: string) => {
          await press(part, "Import now");
          await part.getByText(words).waitFor();
          await part.getByRole("button", { name: "Import now" }).waitFor();
        };
        // Whatever the hour is: it is not looked into before the school is set up.
        await part.getByText("Nothing has been imported from the folder yet.").waitFor();
        await byPress("no list and no export lies in the folder");
        await leave("staff.csv", STAFF, 0);
        await leave(".students.csv", ["half a"]);
        await byPress("a file in the folder was written a moment ago");

        // The first night brings them.
        const before = await asOffice<SchoolSettings>(page, "GET", "school/settings");
        await asOffice(page, "PUT", "school/settings", { ...before, time_zone: nightZone() });
        const night = async (days: number, ...left: (readonly string[])[]) => {
          school.kill();
          // For that night alone: the program that ended does not see it.
          await Promise.all(left.map((lines) => leave("staff.csv", lines)));
          await school.startAgain(days * DAY_S);
          if (days > 0) {
            // The office was signed in a day ago.
            const { email, password } = ADMINISTRATOR;
            await page.reload();
            await fill(page, { "Email address": email, Password: password });
            await press(page, "Sign in");
            await part.getByRole("button", { name: "Import now" }).waitFor();
          }
        };
        await night(0, STAFF);
        const reads = (words: string) =>
          until(`the page reads: ${words}`, async () => {
            await page.reload();
            await part.getByRole("button", { name: "Import now" }).waitFor();
            return (await part.getByText(words).count()) > 0;
          });
        await reads("2 new, 0 changed, 0 as they are, 0 refused");
        await part.getByText("Adds the teacher Ngozi Okafor, o@x.example").waitFor();
        assert.deepEqual(await accessProblems("import-folder", 1280, page), []);
        await picture(page, "import-folder");

        // The second finds the same, and does nothing.
        await night(1);
        await until("it has looked", () => school.log.includes("nothing new lies in the import"));
        await reads("2 new, 0 changed, 0 as they are, 0 refused");

        // By the third somebody would be gone: it waits for the office.
        await night(2, STAFF.slice(0, 2));
        await reads("People who would leave: 1 in all");
        await part.getByText("Tom Brandt has left").waitFor();
        await press(part, "Yes, import all the same");
        await part.getByText("The import is done.").waitFor();

        await leave("zz.csv", ["Locker,Colour", "17,blue"]);
        await byPress("a file in the folder cannot be taken");
        await part.getByText("zz.csv: its columns are not those of a list").waitFor();
        // What it holds may be people: the log names neither that nor the file.
        assert.ok(!/zz\.csv|Locker/.test(school.log));
      },
      settings,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
