/** EVE-13: a class gets another teacher after booking; what they cannot take, the office decides. */

import { test } from "node:test";
import { withFamily } from "../harness/family.ts";
import { press, untilAt, untilReads } from "../harness/form.ts";
import { until } from "../harness/until.ts";

type Class = { id: string; name: string; subject: string; teachers: string[] };

for (const engine of ["chromium", "firefox"] as const) {
  test(`other teachers of a class take what is booked, in ${engine}`, () =>
    withFamily(
      `class changed in ${engine}`,
      async (family, people) => {
        const { classes } = await family.api.get<{ classes: Class[] }>("/classes");
        const mathematics = classes.find(({ name }) => name === "8B/Ma");
        const brandt = await family.teacher("Mr Brandt", "brandt@fairview.example");
        const give = async (teachers: readonly string[]) => {
          const { name = "", subject = "" } = mathematics ?? {};
          const body = { name, subject, teachers: [...teachers] };
          await family.api.done("PUT", `/classes/${mathematics?.id}`, body);
        };
        const parent = await people.somebody();
        await parent.goto(family.links.parent);
        await untilReads(parent, "Ms Okafor: Mathematics");
        const before = await people.somebody();
        await before.goto(family.links.teacher);
        await untilReads(before, "With Maria Santos and Paulo Santos");

        await give([brandt]);
        await untilReads(parent, "Mr Brandt: Mathematics");
        await until("the old teacher's list is empty", async () => {
          return (await before.locator("[data-appointment]").count()) === 0;
        });
        const now = await people.somebody();
        await now.goto(await family.linkOfTeacher(brandt));
        await untilAt(now, "Your appointments");
        await untilReads(now, "With Maria Santos and Paulo Santos");
      },
      { engine },
    ));
}

test("what other teachers cannot take waits for the office", () =>
  withFamily("class asked", async (family, people) => {
    const { api } = family;
    const brandt = await family.teacher("Mr Brandt", "brandt@fairview.example");
    const music = await api.make("/classes", {
      name: "8B/Mu",
      subject: "Music",
      teachers: [brandt],
    });
    const { classes } = await api.get<{ classes: Class[] }>("/classes");
    const mathematics = classes.find(({ name }) => name === "8B/Ma")?.id;
    // Mr Brandt has another family at the time of Ms Okafor's appointment.
    const luca = await api.make("/students", {
      name: "Luca Weber",
      homeroom: "8B",
      classes: [music.id],
    });
    const weber = await api.make("/contacts", {
      name: "Hanna Weber",
      email: "hanna@example.org",
      students: [luca.id],
    });
    const place = `/evenings/${family.evening}/parents/${weber.id}`;
    const { slots } = await api.get<{ slots: { slots: { starts: string }[] }[] }>(`${place}/slots`);
    await api.done("POST", `${place}/bookings`, {
      attempt: "0".repeat(32),
      student: luca.id,
      class: music.id,
      starts: slots[0]?.slots[0]?.starts,
    });
    await api.done("PUT", `/classes/${mathematics}`, {
      name: "8B/Ma",
      subject: "Mathematics",
      teachers: [brandt],
    });

    const parent = await people.somebody();
    await parent.goto(family.links.parent);
    await untilReads(parent, "Ms Okafor: Mathematics");
    const office = await people.somebody();
    await family.office(office, "approvals", "Approvals");
    await untilReads(office, "Mathematics, Ana Santos");
    await untilReads(office, "Mr Brandt should take it, and cannot at that time.");
    await office.getByRole("button", { name: "Keep it with Ms Okafor" }).waitFor();
    await office.getByLabel("Move it to a free time").selectOption({ index: 1 });
    await press(office, "Move it");
    await untilReads(office, "Nothing to decide.");
    await untilReads(parent, "Mr Brandt: Mathematics");
    await parent
      .locator(".when")
      .filter({ hasText: /^08:20/ })
      .waitFor();
  }));
