/** Guesses at links: how many are answered, and whether the time of an answer tells what a link is. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { Api, attempt, type Link, linkOf, type Made } from "../../harness/api.ts";
import { linkIn, Mailbox } from "../../harness/mailbox.ts";
import { withEmptySchool } from "../empty-school.ts";
import { compared } from "../welch.ts";
import type { Server } from "./beside.ts";

const AT_A_TIME = 32;
const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** So many letters of those that links have, by chance. */
function letters(count: number): string {
  return [...randomBytes(count)].map((byte) => LETTERS[byte % 32]).join("");
}

function guess(): Link {
  return { id: letters(8), secret: letters(26) };
}

/** So many guesses of one address, as fast as they are answered. */
export async function guessed(server: Server, count: number) {
  const api = new Api(new URL(server.invitations[0]?.url ?? "").origin);
  const answers: Record<number, number> = {};
  const began = performance.now();
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const { status } = await api.by(guess(), "");
      answers[status] = (answers[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
  api.close();
  return { answers, minutes: (performance.now() - began) / 60_000 };
}

/** A link that works, one of a guest whose invitation was withdrawn, and one of an evening long over. */
async function links(api: Api, folder: string, mail: Mailbox): Promise<Record<string, Link>> {
  const teacher = await api.make("/teachers", { name: "Teacher", email: "" });
  const student = await api.make("/students", { name: "Ada Reed", homeroom: "", classes: [] });
  const subject = { name: "8B", subject: "French", teachers: [teacher.id], students: [student.id] };
  await api.make("/classes", subject);
  const eve = { name: "Eve Reed", email: "eve@x.example", students: [student.id] };
  await api.make("/contacts", eve);
  const linkOfEve = async (name: string) => {
    const evening = await api.make("/evenings", {
      name,
      date: "2040-01-10",
      time_zone: "Europe/London",
      starts: "16:00",
      ends: "20:00",
      slot_minutes: 10,
      gap_minutes: 0,
    });
    const link = (await api.parentLinks(evening.id)).get("Eve Reed");
    assert.ok(link, "Eve has a link");
    return link;
  };
  const [working, expired] = [await linkOfEve("Now"), await linkOfEve("Past")];
  const view = async () =>
    JSON.parse((await api.by(working, "/parent")).body) as {
      readonly students: readonly Made[];
      readonly invitations: {
        readonly wording: { readonly version: string };
        readonly sent: readonly Made[];
      };
    };
  const { students, invitations } = await view();
  const invited = await api.by(working, "/invitations", {
    ...{ attempt: attempt(), name: "Rosa Reed", email: "rosa@x.example", consent: true },
    ...{ wording: invitations.wording.version, students: students.map(({ id }) => id) },
  });
  assert.equal(invited.status, 200, invited.body);
  const withdrawn = linkOf(linkIn(await mail.untilFor("rosa@x.example")));
  const [rosa] = (await view()).invitations.sent;
  const removed = await api.by(working, `/invitations/${rosa?.id}/remove`);
  assert.equal(removed.status, 204, removed.body);
  const records = new DatabaseSync(`${folder}/data/homeroom.sqlite`, { timeout: 5_000 });
  records.prepare("UPDATE evenings SET start_at = 1, end_at = 2 WHERE name = 'Past'").run();
  records.close();
  return { working, withdrawn, expired };
}

/** Welch's t of the answer to each kind of wrong link against one that was never made. */
export async function told(asks: number): Promise<Record<string, number>> {
  const mail = await Mailbox.open();
  const measure = async (api: Api, _pid: number, folder: string) => {
    const kinds: Record<string, () => Link> = { malformed: () => ({ ...guess(), id: "uuuuuuuu" }) };
    for (const [kind, { id }] of Object.entries(await links(api, folder, mail))) {
      kinds[kind] = () => ({ ...guess(), id });
    }
    const ask = (link: () => Link) => async () => {
      const { status } = await api.by(link(), "");
      return () => assert.equal(status, 404);
    };
    const found: Record<string, number> = {};
    for (const [kind, link] of Object.entries(kinds)) {
      found[kind] = await compared(asks, [ask(link), ask(guess)]);
    }
    return found;
  };
  return withEmptySchool(measure, {
    HOMEROOM__MAIL__SMTP_HOST: "127.0.0.1",
    HOMEROOM__MAIL__SMTP_PORT: String(mail.port),
    HOMEROOM__MAIL__SMTP_SECURITY: "none",
    HOMEROOM__MAIL__SETTLE_S: "0",
    HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN: "1000000",
  }).finally(() => mail.close());
}
