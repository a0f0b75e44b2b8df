/** SCR-9: the longest names there may be, on every page of a link and of the office, at 320 px. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { overflowOf } from "../harness/accessibility.ts";
import { OPENS_BEFORE_MS, withFamily } from "../harness/family.ts";
import { fill, follow, press, untilAt } from "../harness/form.ts";

const WHOLE = (letter: string) => letter.repeat(100);
const NAMES = {
  parent: WHOLE("M"),
  guest: WHOLE("P"),
  student: WHOLE("A"),
  teacher: WHOLE("O"),
  subject: WHOLE("W"),
};

test("names of a hundred characters fit everywhere at 320 px", () =>
  withFamily(
    "long names",
    async (family, people, school) => {
      family.begins(OPENS_BEFORE_MS / 2);
      const problems: string[] = [];
      const somebody = async () => {
        const page = await people.somebody();
        await page.setViewportSize({ width: 320, height: 640 });
        return page;
      };
      const fits = async (what: string, page: Page) => {
        const by = await overflowOf(page);
        if (by > 0) {
          problems.push(`${what} is ${by} px too wide`);
        }
      };
      const parent = await somebody();
      await parent.goto(family.links.parent);
      await untilAt(parent, "My Bookings");
      await fits("bookings", parent);
      await follow(parent, "Add a note");
      await fits("note", parent);
      await follow(parent, "Back");
      await follow(parent, "Manage Invites");
      await parent.getByText(NAMES.guest).first().waitFor();
      await fits("invites", parent);
      await press(parent, "Remove");
      await parent.getByRole("dialog").waitFor();
      await fits("remove asks", parent);
      await parent.goto(family.links.guest);
      await untilAt(parent, `This is the link of ${NAMES.guest}`);
      await fits("not yours", parent);

      const guest = await somebody();
      await guest.goto(family.links.guest);
      await untilAt(guest, "You are invited to a video appointment");
      await fits("guest", guest);
      await guest.getByRole("button", { name: "Join", exact: true }).first().click();
      await guest.locator("[data-participant]").first().waitFor();
      await fits("call", guest);

      const teacher = await somebody();
      await teacher.goto(family.links.teacher);
      await teacher.getByText(NAMES.guest).first().waitFor();
      await fits("teacher", teacher);

      const office = await somebody();
      await office.goto(`${school.origin}/office`);
      await untilAt(office, "Sign in");
      await fill(office, {
        "Email address": family.account.email,
        Password: family.account.password,
      });
      await press(office, "Sign in");
      await untilAt(office, "Evenings");
      for (const path of ["", "/people", "/bookings", "/live", "/invitations", "/edit"]) {
        await office.goto(`${school.origin}/office/evenings/${family.evening}${path}`);
        await office.locator("main[data-state=office]").waitFor();
        await office.locator("main .hint, main li, main table, main form").first().waitFor();
        await fits(`office evening${path}`, office);
      }
      for (const path of ["students", "teachers", "classes", "audit"]) {
        await office.goto(`${school.origin}/office/${path}`);
        await office.locator("main table, main li").first().waitFor();
        await fits(`office ${path}`, office);
      }
      assert.deepEqual(problems, []);
    },
    { names: NAMES },
  ));
