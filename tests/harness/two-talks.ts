/** A family and two teachers with two appointments each, one after the other. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Api, attempt, linkOf } from "./api.ts";
import { linkIn } from "./mailbox.ts";
import type { School } from "./school.ts";

export const FIRST = "Mathematics: Ana Santos";
export const NEXT_OF_FAMILY = "French: Ana Santos";
export const NEXT_OF_TEACHER = "Mathematics: Ben Haddad";

/** Whose links open the first talk, and whose wait in the next ones. */
export type Links = {
  readonly parent: string;
  readonly guest: string;
  readonly teacher: string;
  readonly nextTeacher: string;
  readonly nextParent: string;
};

/** Maria is with Ms Okafor and then with Mr Lindqvist, and Ms Okafor then with Omar. */
export async function meet(school: School): Promise<Links> {
  const api = new Api(school.origin);
  await api.setUp(school.setup);
  const made = async (path: string, body: object) => (await api.make(path, body)).id;
  const okafor = await made("/teachers", { name: "Ms Okafor", email: "okafor@fairview.example" });
  const other = await made("/teachers", { name: "Mr Lindqvist", email: "l@fairview.example" });
  const klass = (name: string, subject: string, teacher: string) =>
    made("/classes", { name, subject, teachers: [teacher] });
  const maths = await klass("8B/Ma", "Mathematics", okafor);
  const french = await klass("8B/Fr", "French", other);
  const student = (name: string) =>
    made("/students", { name, homeroom: "8B", classes: [maths, french] });
  const ana = await student("Ana Santos");
  const ben = await student("Ben Haddad");
  const contact = (name: string, email: string, child: string) =>
    made("/contacts", { name, email, students: [child] });
  const maria = await contact("Maria Santos", "maria@example.org", ana);
  const omar = await contact("Omar Haddad", "omar@example.org", ben);
  const evening = await made("/evenings", {
    name: "Autumn evening",
    date: "2040-01-10",
    time_zone: "Europe/London",
    starts: "08:00",
    ends: "09:00",
    slot_minutes: 10,
    gap_minutes: 0,
  });
  await api.done("PUT", `/evenings/${evening}/booking`, { open: true });
  const linkFor = async (whose: string, id: string) => {
    const answer = await api.done("POST", `/evenings/${evening}/${whose}/${id}/link`);
    return (JSON.parse(answer.body) as { url: string }).url;
  };
  const parent = await linkFor("parents", maria);
  const book = async (link: string, child: string, of: string, slot: number) => {
    const own = linkOf(link);
    const { slots } = JSON.parse((await api.by(own, "/slots")).body);
    const { starts } = slots.find((one: { class: string }) => one.class === of).slots[slot];
    const wish = { attempt: attempt(), student: child, class: of, starts };
    const booked = await api.by(own, "/bookings", wish);
    assert.equal(booked.status, 200, booked.body);
  };
  await book(parent, ana, maths, 0);
  await book(parent, ana, french, 1);
  const nextParent = await linkFor("parents", omar);
  await book(nextParent, ben, maths, 1);
  const view = JSON.parse((await api.by(linkOf(parent), "/parent")).body);
  const invited = await api.by(linkOf(parent), "/invitations", {
    attempt: attempt(),
    name: "Paulo Santos",
    email: "paulo@example.org",
    consent: true,
    wording: view.invitations.wording.version,
    students: [ana],
  });
  assert.equal(invited.status, 200, invited.body);
  const guest = linkIn(await school.mail.untilFor("paulo@example.org"));
  const teacher = await linkFor("teachers", okafor);
  const nextTeacher = await linkFor("teachers", other);
  api.close();
  return { parent, guest, teacher, nextTeacher, nextParent };
}

/** The first slot begins now and is short; the second follows after the gap. */
export function beginNow(
  school: School,
  { slotMs, gapMs }: { readonly slotMs: number; readonly gapMs: number },
): void {
  const records = new DatabaseSync(`${school.folder}/homeroom.sqlite`, { timeout: 5_000 });
  // It has begun, whoever looks when.
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  records.prepare("UPDATE evenings SET start_at = ?, end_at = ?").run(now, now + 3_600_000);
  records
    .prepare("UPDATE bookings SET start_at = ? + slot * ?, end_at = ? + slot * ? + ?")
    .run(now, slotMs + gapMs, now, slotMs + gapMs, slotMs);
  records.close();
}
