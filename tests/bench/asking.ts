/**
 * Whether the time of an answer tells if an address is known (EVE-18): a link, a new password and a link to
 * sign in by are asked for, for an address that is known and for one that is not, by turns. Prints Welch's t
 * of each; the bar is less than 4.5 either way.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import type { Api } from "../harness/api.ts";
import { Mailbox } from "../harness/mailbox.ts";
import { withEmptySchool } from "./empty-school.ts";

const MOST_T = 4.5;
/** What is longer than so large a part of all is the machine's, not the server's. */
const CROPPED = 0.99;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    asks: { type: "string", default: "10000" },
  },
});
const asks = Number(values.asks);
const KNOWN = { "/lost-link": "eve@x.example", "/account/lost": "eve@x.example" };

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

async function measure(api: Api) {
  await settle(api);
  const known = { ...KNOWN, "/lost-password": "dana@fairview.example" };
  const measured = [];
  for (const [path, address] of Object.entries(known)) {
    measured.push({ path, asks, t: await compared(api, path, [address, "nobody@x.example"]) });
  }
  return measured;
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

/** Welch's t of the times of two addresses. */
async function compared(api: Api, path: string, addresses: readonly string[]): Promise<number> {
  const times = addresses.map((): number[] => []);
  for (let round = 0; round < asks; round++) {
    const first = Math.random() < 0.5 ? 0 : 1;
    for (const which of [first, 1 - first]) {
      const began = performance.now();
      const { status } = await api.ask("POST", path, { email: addresses[which] });
      times[which]?.push(performance.now() - began);
      assert.equal(status, 204);
    }
  }
  const longest = times.flat().sort((one, other) => one - other)[
    Math.floor(2 * asks * CROPPED)
  ] as number;
  const [one, other] = times.map((all) => spread(all.filter((time) => time <= longest)));
  assert.ok(one !== undefined && other !== undefined);
  const t = (one.mean - other.mean) / Math.sqrt(one.error + other.error);
  return Math.round(100 * t) / 100;
}

function spread(all: readonly number[]) {
  const mean = all.reduce((sum, time) => sum + time, 0) / all.length;
  const squares = all.reduce((sum, time) => sum + (time - mean) ** 2, 0);
  return { mean, error: squares / (all.length - 1) / all.length };
}
