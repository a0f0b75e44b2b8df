/**
 * Parts of the world are away while four people talk: how soon whoever presses Join is told so where PostgreSQL
 * stands still or is gone, and how soon they get in again; and how soon pages are there while a mail server says
 * nothing. The bars: 3 s; 5 s; as without; and at most a hundredth of the sound is lost.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Api, linkOf, type Made, press } from "../harness/api.ts";
import { HangingMailServer } from "../harness/hanging-mail-server.ts";
import { Postgres } from "../harness/postgres.ts";
import { Program } from "../harness/program.ts";
import { RunningCall } from "../harness/running-call.ts";
import { until } from "../harness/until.ts";
import { quantile, summary, tenths } from "./summary.ts";

const TOLD_WITHIN_MS = 3_000;
const BACK_WITHIN_MS = 5_000;
/** By how much pages may be slower while a mail server hangs. */
const MOST_SLOWER = 1.2;
/** Links of an evening, of which each may press Join so often a minute. */
const CALLS = "20";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "60" },
    pages: { type: "string", default: "1000" },
  },
});

const missed: string[] = [];

function tell(what: string, figures: object): void {
  console.log(values.json ? JSON.stringify({ what, ...figures }) : what, figures);
}

/** Four people of a program talk while `use` goes on; `options` are what the program is told besides. */
async function underACall(
  settings: Readonly<Record<string, string>>,
  options: readonly string[],
  use: (program: Program, api: Api) => Promise<void>,
): Promise<void> {
  const program = await Program.start(settings, [], ...options);
  const api = new Api(program.origin);
  let call: RunningCall | undefined;
  try {
    call = await RunningCall.begin(program.invitations.slice(0, 5));
    await use(program, api);
    await call.end();
  } finally {
    call?.kill();
    api.close();
    await program.end();
  }
}

/** One press after another, by one link after another; gives how long each answer took, and what it was. */
function presser(program: Program, api: Api) {
  const links = program.invitations.slice(5);
  let number = 0;
  return async () => {
    const invitation = links[number % links.length];
    number += 1;
    assert.ok(invitation, "there are links");
    const began = performance.now();
    const { status, body } = await api.by(linkOf(invitation.url), "/tickets", press());
    return { took: performance.now() - began, status, body };
  };
}

type Way = { readonly begin: () => Promise<void>; readonly end: () => Promise<void> };

/** PostgreSQL is away for so long: how soon each press is told so, and how soon people get in again. */
async function records(what: string, way: (postgres: Postgres) => Way): Promise<void> {
  const postgres = await Postgres.start();
  const { begin, end } = way(postgres);
  const settings = { HOMEROOM__DATABASE__URL: postgres.url };
  try {
    await underACall(settings, ["--calls", CALLS], async (program, api) => {
      const presses = presser(program, api);
      assert.equal((await presses()).status, 200, "they get in before");
      await begin();
      const told: number[] = [];
      const over = performance.now() + Number(values.seconds) * 1_000;
      while (performance.now() < over) {
        const { took, status, body } = await presses();
        assert.equal(status, 503, body);
        told.push(took);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1_000 - took)));
      }
      await end();
      const began = performance.now();
      await until("people get in", async () => (await presses()).status === 200);
      const back_ms = Math.round(performance.now() - began);
      const figures = { ...summary(told), back_ms };
      tell(`told that PostgreSQL ${what}`, figures);
      if (figures.max_ms > TOLD_WITHIN_MS || back_ms > BACK_WITHIN_MS) {
        missed.push(`told that PostgreSQL ${what}`);
      }
    });
  } finally {
    await postgres.end();
  }
}

async function pages(): Promise<void> {
  const mail = await HangingMailServer.open();
  const settings = {
    HOMEROOM__MAIL__SMTP_HOST: "127.0.0.1",
    HOMEROOM__MAIL__SMTP_PORT: `${mail.port}`,
    HOMEROOM__MAIL__SMTP_SECURITY: "none",
    HOMEROOM__MAIL__FROM: "Fairview School <office@fairview.example>",
    HOMEROOM__MAIL__SETTLE_S: "0",
    HOMEROOM__LIMITS__REQUESTS_PER_LINK_PER_MIN: "1000000",
    HOMEROOM__LIMITS__REQUESTS_PER_ADDRESS_PER_MIN: "1000000",
  };
  try {
    await underACall(settings, [], async (program, api) => {
      const setup = program.invitations.find(({ role }) => role === "office");
      const parent = program.invitations.find(({ role }) => role === "parent");
      assert.ok(setup && parent, "there are links of the office and of a parent");
      await api.setUp(setup.url);
      const { evenings } = await api.get<{ evenings: Made[] }>("/evenings");
      const evening = `/evenings/${evenings[0]?.id}`;
      const { parents } = await api.get<{ parents: Made[] }>(`${evening}/links`);
      await until("all are written to", () => mail.taken.length > 10 && mail.conversations === 0);
      const well: number[] = [];
      const hanging: number[] = [];
      const look = async (times: number[]) => {
        for (let count = 0; count < Number(values.pages) / 2; count += 1) {
          const began = performance.now();
          assert.equal((await api.by(linkOf(parent.url), "/parent")).status, 200);
          await api.get(`${evening}/bookings`);
          times.push(performance.now() - began);
        }
      };
      for (const step of ["greeting", "taking"] as const) {
        await look(well);
        mail.fallSilent(step);
        for (const { id } of parents) {
          await api.done("POST", `${evening}/parents/${id}/resend`);
        }
        await until("it hangs", () => mail.hangs > 0);
        await look(hanging);
        assert.ok(mail.hangs > 0, "it hung all the while");
        mail.getWell("answers");
        await until("all are sent", () => mail.conversations === 0);
      }
      tell("two pages while a mail server hangs", {
        count: hanging.length,
        well_p95_ms: tenths(quantile(well, 0.95)),
        hanging_p95_ms: tenths(quantile(hanging, 0.95)),
      });
      if (quantile(hanging, 0.95) > quantile(well, 0.95) * MOST_SLOWER) {
        missed.push("pages while a mail server hangs");
      }
    });
  } finally {
    await mail.close();
  }
}

await records("stands still", (postgres) => ({
  begin: () => postgres.freeze(),
  end: () => postgres.wake(),
}));
await records("is gone", (postgres) => ({
  begin: async () => void (await postgres.kill()),
  end: () => postgres.startAgain(),
}));
await pages();
for (const what of missed) {
  console.error(`the bar is missed: ${what}`);
  process.exitCode = 1;
}
