/**
 * Parts of the world are taken away and given back while four people talk, who hear nothing of it:
 * PostgreSQL is stopped and killed, a mail server falls silent at each step of its conversation, the
 * machine's addresses change. Within five seconds of its return everything works again.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { Api, attempt, linkOf, type Made, press } from "../harness/api.ts";
import { HangingMailServer, STEPS } from "../harness/hanging-mail-server.ts";
import { Postgres } from "../harness/postgres.ts";
import { type Invitation, Program } from "../harness/program.ts";
import { RunningCall } from "../harness/running-call.ts";
import { throughout, until } from "../harness/until.ts";

const run = promisify(execFile);

const HEALED_WITHIN_MS = 5_000;

/** Four people of a program talk while `story` goes on, and the program outlives it. */
async function underACall(
  settings: Readonly<Record<string, string>>,
  story: (program: Program, api: Api) => Promise<void>,
): Promise<void> {
  const program = await Program.start(settings);
  const api = new Api(program.origin);
  let call: RunningCall | undefined;
  try {
    call = await RunningCall.begin(program.invitations.slice(0, 5));
    await story(program, api);
    await call.end();
  } finally {
    call?.kill();
    api.close();
    await program.end();
  }
}

/** Those of the evening who are in no call, each with one of their students. */
async function parents(program: Program, api: Api) {
  const others = program.invitations.slice(5).filter(({ role }) => role === "parent");
  return Promise.all(
    others.map(async ({ url }) => {
      const link = linkOf(url);
      const view = JSON.parse((await api.by(link, "/parent")).body) as {
        students: { id: string }[];
      };
      const student = view.students[0]?.id;
      assert.ok(student, "they have a student");
      return { link, student };
    }),
  );
}

type Parent = Awaited<ReturnType<typeof parents>>[number];

async function invite(api: Api, { link, student }: Parent, email: string): Promise<number> {
  const invited = { name: "Grandma Rosa", email, students: [student] };
  const agreed = { attempt: attempt(), consent: true, wording: "1" };
  return (await api.by(link, "/invitations", { ...agreed, ...invited })).status;
}

async function health(program: Program): Promise<{ status: number; said: string }> {
  const answer = await fetch(`${program.origin}/readyz`);
  return { status: answer.status, said: await answer.text() };
}

test("PostgreSQL is stopped, and killed", async () => {
  const postgres = await Postgres.start();
  try {
    await underACall({ HOMEROOM__DATABASE__URL: postgres.url }, async (program, api) => {
      const all = await parents(program, api);
      const fails = async (parent: Parent, email: string) => {
        assert.equal(await invite(api, parent, email), 503, "it is refused with a word");
        await until("it is said", async () => (await health(program)).status === 503);
        assert.equal((await api.by(parent.link, "/slots")).status, 503);
      };
      const heals = async (parent: Parent, email: string) => {
        const again = async () => (await invite(api, parent, email)) === 200;
        await until("an invitation is taken", again, HEALED_WITHIN_MS);
        const getsIn = async () =>
          (await api.by(linkOf(program.invitation(4).url), "/tickets", press())).status === 200;
        await until("people get in", getsIn, HEALED_WITHIN_MS);
        const well = async () => (await health(program)).status === 200;
        await until("it is well", well, HEALED_WITHIN_MS);
      };
      const [first, second] = all;
      assert.ok(first && second);
      await postgres.freeze();
      await fails(first, "rosa@guests.example");
      await postgres.wake();
      await heals(first, "rosa@guests.example");
      await postgres.kill();
      await fails(second, "rita@guests.example");
      await postgres.startAgain();
      await heals(second, "rita@guests.example");
    });
  } finally {
    await postgres.end();
  }
});

test("a mail server falls silent at each step of its conversation", async () => {
  const mail = await HangingMailServer.open();
  const settings = {
    HOMEROOM__MAIL__SMTP_HOST: "127.0.0.1",
    HOMEROOM__MAIL__SMTP_PORT: `${mail.port}`,
    HOMEROOM__MAIL__SMTP_SECURITY: "none",
    HOMEROOM__MAIL__SMTP_USER: "school",
    HOMEROOM__MAIL__SMTP_PASSWORD: "secret",
    HOMEROOM__MAIL__FROM: "Fairview School <office@fairview.example>",
    HOMEROOM__MAIL__SETTLE_S: "0",
  };
  try {
    await underACall(settings, async (program, api) => {
      const setup = program.invitations.find(({ role }) => role === "office");
      assert.ok(setup, "there is a link for the office");
      await api.setUp(setup.url);
      const { evenings } = await api.get<{ evenings: Made[] }>("/evenings");
      const evening = `/evenings/${evenings[0]?.id}`;
      const { parents } = await api.get<{ parents: Made[] }>(`${evening}/links`);
      // Everybody in the demonstration has been written to.
      await until("that is done", () => mail.taken.length > 10 && mail.conversations === 0);
      let written = mail.taken.length;
      const write = async () => {
        const parent = parents[written % parents.length]?.id;
        written += 1;
        // Pages do not wait for e-mail.
        await api.done("POST", `${evening}/parents/${parent}/resend`);
      };
      const isSent = (when: string) => until(`all ${written} are sent (${when}): ${mail.taken.length}`, () => mail.taken.length === written, HEALED_WITHIN_MS);
      for (const cure of ["answers", "closes"] as const) {
        for (const step of STEPS) {
          await until("it has said goodbye", () => mail.conversations === 0);
          mail.fallSilent(step);
          await write();
          await until(`it hangs at ${step}`, () => mail.hangs > 0);
          mail.getWell(cure);
          await isSent(`${step} ${cure}`);
          await write();
          await isSent(`${step} ${cure}`);
        }
      }
      await until("it has said goodbye", () => mail.conversations === 0);
      assert.equal(mail.taken.length, written, "each is sent once");
    });
  } finally {
    await mail.close();
  }
});

test("the machine's addresses change", async () => {
  // A network of its own, whose addresses are the test's to give and to take.
  const inside = ["--net", "--map-root-user", "--", "sh", "-c"];
  const begin =
    'ip link set lo up && ip address add 10.9.0.1 dev lo && ip address add 10.9.0.2 dev lo && exec "$@"';
  const everywhere = { HOMEROOM__MEDIA__LISTEN: "0.0.0.0:0" };
  const program = await Program.start(everywhere, ["unshare", ...inside, begin, "sh"], "--calls", "2");
  const within = ["nsenter", "--target", `${program.pid}`, "--user", "--net"];
  const address = async (...words: string[]) => {
    const [command = "", ...rest] = [...within, "ip", "address", ...words];
    await run(command, rest);
  };
  const changes = () => program.log.split("the machine's addresses have changed").length - 1;
  const talk = (which: readonly Invitation[]) => RunningCall.begin(which, within);
  let call: RunningCall | undefined;
  try {
    call = await talk(program.invitations.slice(0, 5));
    const deeds = [
      ["del", "10.9.0.2/32", "dev", "lo"],
      ["add", "10.9.0.3", "dev", "lo"],
      ["add", "10.9.0.2", "dev", "lo"],
      ["del", "10.9.0.3/32", "dev", "lo"],
    ];
    for (const [count, deed] of deeds.entries()) {
      await address(...deed);
      await until(`change ${count + 1} is noticed`, () => changes() > count, HEALED_WITHIN_MS);
    }
    await address("del", "10.9.0.2/32", "dev", "lo");
    const others = await talk(program.invitations.slice(5, 10));
    await throughout("four others talk", 2_000, () => others.goesOn);
    await others.end();
    await call.end();
  } finally {
    call?.kill();
    await program.end();
  }
});
