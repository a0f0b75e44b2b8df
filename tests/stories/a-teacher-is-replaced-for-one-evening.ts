/** EVE-13: a teacher is ill, and a colleague has the list for one evening. */

import { test } from "node:test";
import { toldIn } from "../harness/browsers.ts";
import { withFamily } from "../harness/family.ts";
import { press, untilAt, untilReads } from "../harness/form.ts";
import type { Mail } from "../harness/mailbox.ts";
import { until } from "../harness/until.ts";

for (const engine of toldIn("chromium")) {
  test(`a teacher is replaced for one evening, in ${engine}`, () =>
    withFamily(
      `teacher replaced in ${engine}`,
      async (family, people) => {
        await family.teacher("Mr Brandt", "brandt@fairview.example");
        await family.teacher("Ms Lindqvist", "lindqvist@fairview.example");
        const parent = await people.somebody();
        await parent.goto(family.links.parent);
        await untilReads(parent, "Ms Okafor: Mathematics");

        const office = await people.somebody();
        await family.office(office, `evenings/${family.evening}/people`, "People and links");
        await office.getByRole("button", { name: "Cannot come Ms Okafor" }).click();
        const dialog = office.getByRole("dialog", {
          name: "Ms Okafor cannot come to this evening?",
        });
        await dialog.getByText(/^Ms Okafor has 1 appointment in it\./).waitFor();
        await dialog.getByLabel("Who takes the appointments?").selectOption({ label: "Mr Brandt" });
        await press(office, "Hand over the appointments");
        await untilReads(
          office,
          "Mr Brandt stands in for Ms Okafor. 1 appointment is now with Mr Brandt.",
        );

        await untilReads(parent, "Mr Brandt: Mathematics");
        const { teachers } = await family.api.get<{ teachers: { id: string; name: string }[] }>(
          "/teachers",
        );
        // Nobody can hand over to a teacher who cannot come either.
        await office.getByRole("button", { name: "Cannot come Mr Brandt" }).click();
        const instead = office.getByLabel("Who takes the appointments?");
        await instead.getByRole("option", { name: "Ms Lindqvist" }).waitFor({ state: "attached" });
        // The list is asked for anew after what was done is told: it may come a moment later.
        await instead.getByRole("option", { name: "Ms Okafor" }).waitFor({ state: "detached" });
        // Nothing is chosen beforehand.
        await press(office, "Hand over the appointments");
        await untilReads(office, "Choose a colleague, or nobody.");
        await press(office, "Go back");

        const brandt = teachers.find(({ name }) => name === "Mr Brandt")?.id ?? "";
        const teacher = await people.somebody();
        await teacher.goto(await family.linkOfTeacher(brandt));
        await untilAt(teacher, "Your appointments");
        await untilReads(teacher, "With Maria Santos and Paulo Santos");

        await office.getByRole("button", { name: "Comes after all Ms Okafor" }).click();
        await press(office, "Give the appointments back");
        await untilReads(
          office,
          "Ms Okafor comes to this evening after all. 1 appointment is now with Ms Okafor.",
        );
        await untilReads(parent, "Ms Okafor: Mathematics");
      },
      { engine },
    ));
}

test("a teacher is ill, and the times go back to the families", () =>
  withFamily("teacher ill", async (family, people, { mail }) => {
    const parent = await people.somebody();
    await parent.goto(family.links.parent);
    await untilReads(parent, "Ms Okafor: Mathematics");

    const office = await people.somebody();
    await family.office(office, `evenings/${family.evening}/people`, "People and links");
    await office.getByRole("button", { name: "Cannot come Ms Okafor" }).click();
    await office
      .getByLabel("Who takes the appointments?")
      .selectOption({ label: "Nobody: give the times back to the families" });
    await press(office, "Cancel the appointments");
    await untilReads(
      office,
      "Ms Okafor does not come to this evening. 1 appointment is cancelled.",
    );

    await untilReads(parent, "You have no appointments yet.");
    for (const address of ["maria@example.org", "paulo@example.org"]) {
      await until(`${address} is told`, () => mail.for(address).some(isOfCancelled));
    }
  }));

const isOfCancelled = ({ subject }: Mail) =>
  subject === "An appointment is cancelled: Autumn evening";
