/** EVE-13: a class gets another teacher after booking; what they cannot take, the office decides. */

import { test } from "node:test";
import { toldIn } from "../harness/browsers.ts";
import { type Family, withFamily } from "../harness/family.ts";
import { press, untilAt, untilReads } from "../harness/form.ts";
import type { People } from "../harness/people.ts";
import { until } from "../harness/until.ts";

type Class = { id: string; name: string; subject: string; teachers: string[] };

for (const engine of toldIn("chromium")) {
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

/** Maths goes to Mr Brandt, who has another family at the time of what is booked. */
async function givesToOneWhoIsBusy(family: Family): Promise<void> {
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
}

/** The office's page of what waits for it, and the parent's page. */
async function waitsForTheOffice(family: Family, people: People) {
  await givesToOneWhoIsBusy(family);
  const parent = await people.somebody();
  await parent.goto(family.links.parent);
  await untilReads(parent, "Ms Okafor: Mathematics");
  const office = await people.somebody();
  await family.office(office, "approvals", "Approvals");
  await untilReads(office, "Mathematics, Ana Santos");
  await untilReads(office, "Mr Brandt should take it, and cannot at that time.");
  return { office, parent };
}

test("what other teachers cannot take waits for the office, which moves it", () =>
  withFamily("class asked, moved", async (family, people) => {
    const { office, parent } = await waitsForTheOffice(family, people);
    await office.getByLabel("Move it to a free time").selectOption({ index: 1 });
    await press(office, "Move it");
    await untilReads(office, "Nothing to decide.");
    await untilReads(parent, "Mr Brandt: Mathematics");
    await parent
      .locator(".when")
      .filter({ hasText: /^08:20/ })
      .waitFor();
  }));

test("what other teachers cannot take stays where the office keeps it", () =>
  withFamily("class asked, kept", async (family, people) => {
    const { office, parent } = await waitsForTheOffice(family, people);
    await press(office, "Keep it with Ms Okafor");
    await untilReads(office, "Mathematics stays with Ms Okafor.");
    await untilReads(office, "Nothing to decide.");
    await parent.reload();
    await untilReads(parent, "Ms Okafor: Mathematics");
  }));

test("what other teachers cannot take is cancelled by the office", () =>
  withFamily("class asked, cancelled", async (family, people, { mail }) => {
    const { office, parent } = await waitsForTheOffice(family, people);
    await press(office, "Cancel it");
    const dialog = office.getByRole("dialog", { name: "Cancel Mathematics (Ana Santos)?" });
    await dialog.getByRole("button", { name: "Cancel it" }).click();
    await untilReads(office, "Nothing to decide.");
    await untilReads(parent, "You have no appointments yet.");
    const subject = "An appointment is cancelled: Autumn evening";
    await until("the parent is told", () =>
      mail.for("maria@example.org").some((it) => it.subject === subject),
    );
  }));
