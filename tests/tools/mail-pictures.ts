/**
 * Pictures of every kind of email at the widths of a telephone and of a mail program, and its plain text; in
 * the language that `HOMEROOM_LANGUAGE` names, as far as its readers may have said theirs.
 */

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { Api, attempt, type Link, linkOf } from "../harness/api.ts";
import { withSchool } from "../harness/evening-story.ts";
import { CONTACT } from "../harness/family.ts";
import { linkIn, type Mail } from "../harness/mailbox.ts";
import type { School } from "../harness/school.ts";
import { OUT } from "../harness/stage.ts";

const FOLDER = `${OUT}mail/`;
const WIDTHS = [360, 1280];
const { HOMEROOM_LANGUAGE: LANGUAGE = "en" } = process.env;
const MARIA = "maria@example.org";
const PAULO = "paulo@example.org";
const EVENING = {
  name: "Year 8 parents’ evening",
  date: "2031-03-20",
  time_zone: "Europe/London",
  starts: "16:00",
  ends: "19:00",
  slot_minutes: 10,
  gap_minutes: 2,
};

type Found = { readonly id: string };
type Slots = {
  readonly slots: readonly { readonly slots: readonly { readonly starts: string }[] }[];
};

/** Brings about every kind there is, and gives each by a name. */
async function everyKind(school: School): Promise<ReadonlyMap<string, Mail>> {
  const api = new Api(school.origin);
  const account = await api.setUp(school.setup);
  const settings = await api.get<object>("/school/settings");
  await api.done("PUT", "/school/settings", { ...settings, contact: CONTACT });
  const teacher = async (name: string, email: string) =>
    (await api.make("/teachers", { name, email })).id;
  const okafor = await teacher("Ms Okafor", "okafor@fairview.example");
  const lindqvist = await teacher("Mr Lindqvist", "lindqvist@fairview.example");
  const lesson = async (name: string, subject: string, teachers: readonly string[]) =>
    (await api.make("/classes", { name, subject, teachers })).id;
  const maths = await lesson("8B/Ma", "Mathematics", [okafor, lindqvist]);
  const music = await lesson("8B/Mu", "Music", [lindqvist]);
  const art = await lesson("8B/Ar", "Design and Technology", [okafor]);
  const pupil = async (name: string) =>
    (await api.make("/students", { name, homeroom: "8B", classes: [maths, music, art] })).id;
  const [ana, luca] = [await pupil("Ana Santos"), await pupil("Luca Santos")];
  const contact = (name: string, email: string, students: readonly string[]) =>
    api.make("/contacts", { name, email, students });
  await contact("Maria Santos", MARIA, [ana, luca]);
  const barred = await contact("Rui Costa", "rui@example.org", [ana]);
  await api.done("PUT", `/contacts/${barred.id}/court-order`, { active: true });
  const evening = (await api.make("/evenings", EVENING)).id;
  await api.done("PUT", `/evenings/${evening}/booking`, { open: true });

  const kinds = new Map<string, Mail>();
  const counts = new Map<string, number>();
  const next = async (kind: string, to: string) => {
    const number = (counts.get(to) ?? 0) + 1;
    counts.set(to, number);
    const mail = await school.mail.untilFor(to, number);
    kinds.set(kind, mail);
    return mail;
  };
  await api.done("POST", `/evenings/${evening}/confirmations`);
  const reads = async (link: Link) => {
    const answer = await api.by(link, "", { language: LANGUAGE });
    assert.equal(answer.status, 200, answer.body);
    return link;
  };
  const maria = await reads(linkOf(linkIn(await next("book", MARIA))));
  await api.done("POST", `/evenings/${evening}/confirmations`);
  await next("book", MARIA);
  await api.done("POST", `/evenings/${evening}/teacher-links`);
  await next("teacher", "okafor@fairview.example");

  const done = async (link: Link, path: string, body: object = {}) => {
    const answer = await api.by(link, path, body);
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.body}`);
    return answer.body === "" ? null : (JSON.parse(answer.body) as Found & { appointment: Found });
  };
  const slots = JSON.parse((await api.by(maria, "/slots")).body) as Slots;
  const starts = slots.slots[0]?.slots.map((slot) => slot.starts) ?? [];
  const book = (student: string, lesson_: string, slot: number) =>
    done(maria, "/bookings", {
      attempt: attempt(),
      student,
      class: lesson_,
      starts: starts[slot],
      note: "",
    });
  const first = await book(ana, maths, 0);
  await next("booked", MARIA);
  const wish = (name: string, email: string, students: readonly string[]) =>
    done(maria, "/invitations", {
      attempt: attempt(),
      name,
      email,
      consent: true,
      wording: "1",
      students,
    });
  await wish("Paulo Santos", PAULO, [ana]);
  await reads(linkOf(linkIn(await next("invitation", PAULO))));
  await book(ana, music, 1);
  await next("another-appointment", PAULO);
  await next("booked-more", MARIA);
  const people = await api.get<{ parents: (Found & { name: string })[] }>(
    `/evenings/${evening}/links`,
  );
  const parent = people.parents.find(({ name }) => name === "Maria Santos")?.id;
  const booking = `/evenings/${evening}/parents/${parent}/bookings/${first?.appointment.id}`;
  await api.done("POST", `${booking}/move`, { starts: starts[4] });
  await next("moved-parent", MARIA);
  await next("moved-guest", PAULO);
  await api.done("DELETE", booking);
  await next("cancelled-parent", MARIA);
  await next("cancelled-guest", PAULO);
  const haddad = await teacher("Dr Haddad", "haddad@fairview.example");
  await api.done("POST", `/evenings/${evening}/teachers/${lindqvist}/replace`, { instead: haddad });
  await next("another-teacher-parent", MARIA);
  await next("another-teacher-guest", PAULO);
  await api.done("PUT", `/evenings/${evening}`, { ...EVENING, date: "2031-03-27" });
  await next("evening-moved-parent", MARIA);
  await next("evening-moved-guest", PAULO);
  await next("evening-moved-teacher", "okafor@fairview.example");
  const invitations = await api.get<{ invitations: Found[] }>(`/evenings/${evening}/invitations`);
  await api.done("DELETE", `/invitations/${invitations.invitations[0]?.id}`);
  await next("withdrawn", PAULO);
  await wish("Rui Costa", "rui.costa@example.net", [ana]);
  await next("decisions", account.email);
  const { approvals } = await api.get<{ approvals: Found[] }>("/approvals");
  await api.done("POST", `/approvals/${approvals[0]?.id}`, {
    approve: false,
    reason: "Please contact the school office about this person.\nMrs Hall is there until 4 pm.",
  });
  await next("not-approved", MARIA);
  await api.done("POST", "/lost-password", { email: account.email });
  await next("new-password", account.email);
  const words =
    "The heating has failed, so the school is closed that day.\nWe will write to you soon.";
  await api.done("POST", `/evenings/${evening}/cancel`, { words });
  await next("evening-cancelled-parent", MARIA);
  await next("evening-cancelled-teacher", "okafor@fairview.example");
  api.close();
  return kinds;
}

async function picture(page: Page, kind: string, mail: Mail): Promise<void> {
  assert.ok(typeof mail.html === "string", `${kind} has no HTML`);
  await writeFile(`${FOLDER}${kind}.txt`, `Subject: ${mail.subject}\n\n${mail.text}`);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 640 });
    await page.setContent(mail.html);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${kind} is ${wide} px wide in ${width}`);
    const path = `${FOLDER}${kind}-${width}.png`;
    await page.screenshot({ path, fullPage: true });
    console.log(path);
  }
}

await mkdir(FOLDER, { recursive: true });
await withSchool("mail-pictures", async (school, people) => {
  const kinds = await everyKind(school);
  const page = await people.somebody();
  for (const [kind, mail] of kinds) {
    await picture(page, kind, mail);
  }
});
