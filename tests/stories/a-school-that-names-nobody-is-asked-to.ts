/** OPS-6: where the school has named nobody to ask for help, readers are told whom all the same, and the office is asked for somebody. */

import assert from "node:assert/strict";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, untilAt, untilReads } from "../harness/form.ts";
import { Office } from "../harness/office.ts";

const UNNAMED = "Still need help? Ask the school office.";
const MISSED = /^Nobody who needs help can reach you/;

eveningStory("a school that names nobody to ask for help is asked to", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  const dead = await people.somebody();
  await dead.goto(`${school.origin}/j/00000000#abc`);
  await untilAt(dead, "This link does not work");
  await dead.getByText(UNNAMED).waitFor();
  await dead.goto(school.origin);
  await dead.getByText(UNNAMED).waitFor();
  // Where no script runs, too.
  assert.match(await (await fetch(school.origin)).text(), /Or ask the school office\./);

  for (const path of ["", "students", "audit"]) {
    await office.goTo(path);
    await office.page.getByText(MISSED).waitFor();
    assert.equal(
      await office.page.getByText(UNNAMED).count(),
      0,
      "the office is told to ask itself",
    );
  }
  await follow(office.page, "Enter one");
  await untilAt(office.page, "School");
  assert.equal(await office.page.getByText(MISSED).count(), 0, "it leads to where one is already");
  await fill(office.page, { "Telephone number for help": "020 7946 0000" });
  await press(office.page, "Save");
  await untilReads(office.page, "The school has been saved.");
  await office.goTo("");
  await untilAt(office.page, "Evenings");
  await office.page.getByRole("link", { name: "Contact Us", exact: true }).waitFor();
  assert.equal(await office.page.getByText(MISSED).count(), 0, "it is entered");

  await dead.goto(`${school.origin}/j/00000000#abc`);
  await dead.getByRole("link", { name: "Contact Us", exact: true }).waitFor();
  await dead.getByText("Or call 020 7946 0000.").waitFor();
  assert.equal(await dead.getByText(UNNAMED).count(), 0);
});
