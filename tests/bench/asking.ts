/**
 * Whether the time of an answer tells if an address is known (EVE-18), at every door where one is typed: of an address
 * that is known and of one that is not, by turns. Prints Welch's t of each; the bar is less than 4.5 either way.
 *
 * `--asks` is how often each is asked for at doors that send a link. Where a password is tried as well, or the answer
 * is for one person a few times a day, it is `--few`, a tenth of that by default, of as many people as it takes.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import type { Answer, Api } from "../harness/api.ts";
import { Mailbox } from "../harness/mailbox.ts";
import { withEmptySchool } from "./empty-school.ts";
import { type KnownPeople, knownPeople, PASSWORD } from "./known-people.ts";
import { compared, MOST_T } from "./welch.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    asks: { type: "string", default: "10000" },
    few: { type: "string" },
  },
});
const asks = Number(values.asks);
const few = Number(values.few ?? Math.ceil(asks / 10));
/** So often a wrong password costs nothing, and so often somebody says an address without waiting. */
const TRIES = 9;
const SAID = 4;

const mail = await Mailbox.open();
const rows = await withEmptySchool(measure, {
  HOMEROOM__MAIL__SMTP_HOST: "127.0.0.1",
  HOMEROOM__MAIL__SMTP_PORT: String(mail.port),
  HOMEROOM__MAIL__SMTP_SECURITY: "none",
  HOMEROOM__MAIL__SETTLE_S: "0",
  HOMEROOM__LIMITS__SIGN_INS_PER_ADDRESS_PER_MIN: "1000000",
  HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN: "1000000",
}).finally(() => mail.close());
for (const row of rows) {
  console.log(values.json ? JSON.stringify(row) : `${row.path}: t ${row.t} of ${row.asks} each`);
}
process.exitCode = rows.every(({ t }) => Math.abs(t) < MOST_T) ? 0 : 1;

/** What is asked for the number-th time, of an address that is known and of one that is not. */
type Asked = (is_known: boolean, number: number) => Promise<Answer>;
type Door = { readonly asks: number; readonly status: number; readonly ask: Asked };

async function measure(api: Api) {
  await settle(api);
  const people = { staff: Math.ceil(few / TRIES), parents: 2 * Math.ceil(few / SAID) };
  const doors = doorsOf(api, await knownPeople(api, mail, people));
  const measured = [];
  for (const [path, { asks, ask, status }] of Object.entries(doors)) {
    const asked = (is_known: boolean) => async (round: number) => {
      const answer = await ask(is_known, round);
      return () => assert.equal(answer.status, status, answer.body);
    };
    measured.push({ path, asks, t: await compared(asks, [asked(true), asked(false)]) });
  }
  return measured;
}

function doorsOf(api: Api, { staff, parents, letters }: KnownPeople): Record<string, Door> {
  const stranger = api.as({});
  const link = (path: string, email: string): Door => ({
    asks,
    status: 204,
    ask: (is_known) => stranger.ask("POST", path, { email: is_known ? email : "nobody@x.example" }),
  });
  const wrong = (path: string, known: readonly string[]): Door => ({
    asks: few,
    status: 401,
    ask: (is_known, number) => {
      const someone = known[Math.floor(number / TRIES)] as string;
      const email = is_known ? someone : `no${someone}`;
      return stranger.ask("POST", path, { email, password: "another river under trees" });
    },
  });
  const asker = (is_known: boolean, number: number) =>
    Math.floor((2 * number + Number(is_known)) / SAID);
  // There are as many before the middle as after it: nobody says their own.
  const about = (is_known: boolean, number: number) =>
    is_known ? parents.at(-1 - asker(is_known, number))?.email : `new${number}@x.example`;
  return {
    "/lost-link": link("/lost-link", "eve@x.example"),
    "/account/lost": link("/account/lost", "eve@x.example"),
    "/lost-password": link("/lost-password", "dana@fairview.example"),
    "/session": wrong("/session", staff),
    "/account/session": wrong(
      "/account/session",
      parents.map(({ email }) => email),
    ),
    "/account/address": {
      asks: few,
      status: 204,
      ask: async (is_known, number) => {
        const by = parents[asker(is_known, number)]?.api as Api;
        const draft = { email: about(is_known, number), password: PASSWORD };
        return await by.ask("PUT", "/account/address", draft);
      },
    },
    "/register/address": {
      asks: few,
      status: 204,
      ask: (is_known, number) => {
        const secret = letters[asker(is_known, number)];
        return stranger.ask("POST", "/register/address", {
          secret,
          email: about(is_known, number),
        });
      },
    },
  };
}

/** A parent with an account and a link of an evening to come. */
async function settle(api: Api): Promise<void> {
  const teacher = await api.make("/teachers", { name: "Teacher", email: "" });
  const student = await api.make("/students", { name: "Ada Reed", homeroom: "", classes: [] });
  const subject = { name: "8B", subject: "French", teachers: [teacher.id], students: [student.id] };
  await api.make("/classes", subject);
  const eve = { name: "Eve Reed", email: "eve@x.example", students: [student.id] };
  const contact = await api.make("/contacts", eve);
  const evening = await api.make("/evenings", {
    name: "Evening",
    date: "2040-01-10",
    time_zone: "Europe/London",
    starts: "16:00",
    ends: "20:00",
    slot_minutes: 10,
    gap_minutes: 0,
  });
  await api.parentLinks(evening.id);
  await api.done("POST", "/registrations", { contacts: [contact.id] });
  const { text } = await mail.untilFor("eve@x.example");
  const secret = /\/register#([\w-]+)/.exec(text ?? "")?.[1];
  await api.done("POST", "/register", { secret, password: "a quiet river under trees" });
}
