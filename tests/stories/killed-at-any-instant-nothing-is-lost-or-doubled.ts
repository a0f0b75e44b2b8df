/**
 * OPS-4: the program is killed while families book and invite, at an instant that chance or a step
 * of the mail server chooses, and is started again on what it kept. What was answered is there, what
 * was not is asked for once more by the same press, and nothing is there twice. Every e-mail arrives;
 * those that the mail server took while the program died may come once more, never more than are on
 * their way at a time: with the Message-ID they had, or with other words and another.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Api, attempt, type Link } from "../harness/api.ts";
import type { Mail, Step } from "../harness/mailbox.ts";
import { School } from "../harness/school.ts";
import { until } from "../harness/until.ts";

const ROUNDS = process.env.HOMEROOM_LONG === undefined ? 14 : 112;
const FAMILIES = 3;
const SUBJECTS = ["Mathematics", "Music"] as const;
/** What the program has on its way to the mail server at a time. */
const ON_THEIR_WAY = 4;

/** When the program is killed. */
type Instant =
  | { readonly type: "any"; readonly withinMs: number }
  | { readonly type: "answered"; readonly deed: Deed["type"] }
  | { readonly type: "mail"; readonly step: Step; readonly number: number };

const INSTANTS: readonly Instant[] = [
  { type: "any", withinMs: 10 },
  { type: "answered", deed: "booking" },
  { type: "mail", step: "connected", number: 1 },
  { type: "any", withinMs: 40 },
  { type: "mail", step: "from", number: 1 },
  { type: "mail", step: "to", number: 2 },
  { type: "any", withinMs: 80 },
  { type: "answered", deed: "invitation" },
  { type: "mail", step: "data", number: 1 },
  { type: "mail", step: "taken", number: 1 },
  { type: "mail", step: "taken", number: 4 },
  { type: "any", withinMs: 160 },
  { type: "mail", step: "answered", number: 1 },
  { type: "mail", step: "answered", number: 5 },
];

type Family = { readonly link: Link; readonly parent: string; readonly guest: string };
type Deed = { readonly type: "booking" | "invitation"; readonly id: string };
type Slots = {
  readonly slots: readonly {
    readonly student: string;
    readonly class: string;
    readonly slots: readonly { readonly starts: string }[];
  }[];
};
type View = {
  readonly bookings: readonly { readonly appointment: { readonly id: string } }[];
  readonly invitations: {
    readonly sent: readonly { readonly id: string }[];
    readonly wording: { readonly version: string };
  };
};

/** Asks for something until it is answered, whoever answers: always the same press. */
async function press(api: Api, link: Link, path: string, body: object): Promise<string> {
  const pressed = { ...body, attempt: attempt() };
  return until(`an answer to ${path}`, async () => {
    const answer = await api.by(link, path, pressed);
    assert.equal(answer.status, 200, answer.body);
    return answer.body;
  });
}

async function book(api: Api, family: Family, wanted: object): Promise<Deed> {
  const body = JSON.parse(await press(api, family.link, "/bookings", wanted)) as {
    appointment: { id: string };
  };
  return { type: "booking", id: body.appointment.id };
}

async function invite(api: Api, family: Family, wording: string): Promise<Deed> {
  const asked = { name: "Guest", email: family.guest, consent: true, wording };
  const body = JSON.parse(await press(api, family.link, "/invitations", asked)) as {
    invitation: { id: string };
  };
  return { type: "invitation", id: body.invitation.id };
}

/** What a family does, all at once. */
async function deeds(api: Api, family: Family, place: number): Promise<(() => Promise<Deed>)[]> {
  const { slots } = JSON.parse((await api.by(family.link, "/slots")).body) as Slots;
  const view = JSON.parse((await api.by(family.link, "/parent")).body) as View;
  assert.equal(slots.length, SUBJECTS.length);
  const bookings = slots.map((one, index) => {
    const starts = one.slots[place * SUBJECTS.length + index]?.starts;
    return () => book(api, family, { student: one.student, class: one.class, starts });
  });
  return [...bookings, () => invite(api, family, view.invitations.wording.version)];
}

async function prepare(api: Api): Promise<Family[]> {
  const rows = ["Student,Homeroom,Classes,Guardian,E-mail"];
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of SUBJECTS) {
      const teacher = await api.make("/teachers", { name: `${subject} ${round}`, email: "" });
      const name = `${round}/${subject}`;
      await api.make("/classes", { name, subject, teachers: [teacher.id] });
    }
    const classes = SUBJECTS.map((subject) => `${round}/${subject}`).join(";");
    for (let one = 0; one < FAMILIES; one++) {
      const who = `${round}x${one}`;
      rows.push(`Student ${who},8B,${classes},Parent ${who},parent${who}@example.org`);
    }
  }
  const report = await api.importStudents(rows.join("\n"));
  assert.equal(report.created, ROUNDS * FAMILIES, JSON.stringify(report.rows.slice(0, 3)));
  const evening = await api.make("/evenings", {
    name: "Evening",
    date: "2040-01-10",
    time_zone: "Europe/London",
    starts: "16:00",
    ends: "18:00",
    slot_minutes: 10,
    gap_minutes: 0,
  });
  await api.done("PUT", `/evenings/${evening.id}/booking`, { open: true });
  const links = await api.parentLinks(evening.id);
  return Array.from({ length: ROUNDS * FAMILIES }, (_, index) => {
    const who = `${Math.floor(index / FAMILIES)}x${index % FAMILIES}`;
    const link = links.get(`Parent ${who}`);
    assert.ok(link, `no link of parent ${who}`);
    return { link, parent: `parent${who}@example.org`, guest: `guest${who}@example.org` };
  });
}

/** Looks into the records as they lie on the disk. */
function read<T>(school: School, sql: string): T {
  const records = new DatabaseSync(join(school.folder, "homeroom.sqlite"), { readOnly: true });
  try {
    return records.prepare(sql).get() as T;
  } finally {
    records.close();
  }
}

async function untilAllIsSent(school: School): Promise<void> {
  const waiting = "SELECT COUNT(*) AS n FROM mail WHERE state IN ('queued', 'sending')";
  await until("every e-mail is sent", () => read<{ n: number }>(school, waiting).n === 0);
}

/** Kills the program once, at `instant`; `answered` is to be told of every answer. */
class Killer {
  readonly #school: School;
  readonly #instant: Instant;
  readonly killed: Promise<void>;
  #kill: () => void = () => undefined;
  #steps = 0;
  hasKilled = false;

  constructor(school: School, instant: Instant) {
    this.#school = school;
    this.#instant = instant;
    this.killed = new Promise((resolve) => {
      this.#kill = () => {
        this.#kill = () => undefined;
        this.hasKilled = true;
        school.kill();
        resolve();
      };
    });
  }

  arm(): void {
    const instant = this.#instant;
    switch (instant.type) {
      case "any":
        void pause(Math.random() * instant.withinMs).then(() => this.#kill());
        break;
      case "mail":
        this.#school.mail.watch = (step) => {
          this.#steps += step === instant.step ? 1 : 0;
          if (this.#steps === instant.number) {
            this.#kill();
          }
        };
        break;
      case "answered":
        break;
    }
  }

  /** All is done: of any instants this is the last. */
  killsAtTheLatest(): void {
    if (this.#instant.type === "any") {
      this.#kill();
    }
  }

  answered(deed: Deed): void {
    if (this.#instant.type === "answered" && this.#instant.deed === deed.type) {
      this.#kill();
    }
  }
}

/** One kill; gives how many e-mails came once more. */
async function round(school: School, api: Api, families: Family[], at: Instant): Promise<number> {
  if (at.type === "mail" && at.step === "connected") {
    // A program that has sent already keeps its connections.
    school.kill();
    await school.startAgain();
  }
  const planned = await Promise.all(families.map((family, place) => deeds(api, family, place)));
  const killer = new Killer(school, at);
  const before = school.mail.messages.length;
  const done = Promise.all(
    planned.map((all) =>
      Promise.all(
        all.map(async (deed) => {
          const it = await deed();
          killer.answered(it);
          return it;
        }),
      ),
    ),
  );
  killer.arm();
  await Promise.race([killer.killed, done.then(() => untilAllIsSent(school))]);
  killer.killsAtTheLatest();
  assert.ok(killer.hasKilled, "all was done before that instant came");
  await school.startAgain();
  const each = await done;
  await untilAllIsSent(school);
  for (const [index, family] of families.entries()) {
    await isThereOnce(api, family, each[index] ?? []);
    hasItsMail(school, family);
  }
  return repeated(school.mail.messages.slice(before));
}

async function isThereOnce(api: Api, family: Family, answered: Deed[]): Promise<void> {
  const view = JSON.parse((await api.by(family.link, "/parent")).body) as View;
  const ids = (type: Deed["type"]) =>
    answered
      .filter((one) => one.type === type)
      .map(({ id }) => id)
      .sort();
  const bookings = view.bookings.map(({ appointment }) => appointment.id).sort();
  assert.deepEqual(bookings, ids("booking"));
  assert.deepEqual(
    view.invitations.sent.map(({ id }) => id),
    ids("invitation"),
  );
}

function hasItsMail(school: School, family: Family): void {
  const invitations = school.mail
    .for(family.guest)
    .filter(({ subject }) => subject?.startsWith("You are invited"));
  // Another one says something else: what was booked while nobody knew whether the first was taken.
  const words = new Map(invitations.map(({ messageId, text }) => [messageId, text]));
  assert.ok(words.size === 1 || words.size === 2, `${family.guest} has ${words.size} invitations`);
  assert.equal(new Set(words.values()).size, words.size, `${family.guest} reads the same twice`);
  const confirmations = school.mail.for(family.parent);
  const isWhole = ({ text }: Mail) => SUBJECTS.every((subject) => text?.includes(subject));
  assert.ok(confirmations.some(isWhole), `${family.parent} was not told of every appointment`);
  const different = new Set(confirmations.map(({ messageId }) => messageId));
  assert.ok(different.size <= SUBJECTS.length, `${different.size} to ${family.parent}`);
}

function repeated(messages: Mail[]): number {
  const copies = new Map<string | undefined, number>();
  for (const { messageId } of messages) {
    copies.set(messageId, (copies.get(messageId) ?? 0) + 1);
  }
  assert.ok(!copies.has(undefined), "an e-mail without a Message-ID");
  for (const [id, count] of copies) {
    assert.ok(count <= 2, `${id} came ${count} times though the program died once`);
  }
  return messages.length - copies.size;
}

test("killed at any instant, nothing is lost or doubled", async (t: TestContext) => {
  const school = await School.found();
  const api = new Api(school.origin);
  try {
    await api.setUp(school.setup);
    const families = await prepare(api);
    const again: number[] = [];
    for (let number = 0; number < ROUNDS; number++) {
      const at = INSTANTS[number % INSTANTS.length];
      assert.ok(at);
      const these = families.slice(number * FAMILIES, (number + 1) * FAMILIES);
      const repeats = await round(school, api, these, at).catch((error: unknown) => {
        throw new Error(`round ${number}, killed at ${JSON.stringify(at)}`, { cause: error });
      });
      assert.ok(repeats <= ON_THEIR_WAY, `${repeats} e-mails came again after one kill`);
      again.push(repeats);
    }
    const integrity = read<{ integrity_check: string }>(school, "PRAGMA integrity_check");
    assert.equal(integrity.integrity_check, "ok");
    const deeds = ROUNDS * FAMILIES * (SUBJECTS.length + 1);
    const twice = again.reduce((sum, one) => sum + one, 0);
    t.diagnostic(
      `${ROUNDS} kills, ${deeds} bookings and invitations, ${school.mail.messages.length} e-mails, ` +
        `${twice} of them twice, at most ${Math.max(...again)} after one kill`,
    );
  } finally {
    api.close();
    await school.close();
  }
});
