/**
 * The whole program at twice a usual load for as long as is wanted, and whether its memory grows: calls of four
 * with sound and pictures begin and end, others join, are replaced by themselves on another device and leave, and
 * pages are asked for. Prints the slope of what the program holds, with its error; the bar is none beyond it.
 *
 * The program remembers the last 50,000 sessions that are over (`REMEMBERED` in `crates/call/src/register.rs`), which this load fills
 * within six hours: so many begin and end first, some minutes long, and are no part of what is measured.
 */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { Api, linkOf } from "../harness/api.ts";
import { resident } from "../harness/memory.ts";
import type { Invitation } from "../harness/program.ts";
import { ProtocolClient } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { until } from "../harness/until.ts";
import { PROGRAM } from "./loadtest.ts";
import { type Line, slope } from "./slope.ts";

const OF_A_CALL = 5;
/** A usual evening of one school has four talks at a time. */
const AT_A_TIME = 8;
/** How long each talks, s. */
const TALK_S = 40;
/** Each link is used by one round of so many: nobody joins without end. */
const ROUNDS_OF_LINKS = 8;
/** Calls beside those, of people who come and go. */
const COMING_AND_GOING = 16;
const PAGE_EVERY_MS = 100;
const COME_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 5_000;
/** What the program remembers of sessions that are over, and by how many at once it is filled. */
const REMEMBERED = 50_000;
const FILLING = 32;
/** What is held in the first part is what the program warms up to. */
const WARM = 0.25;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    minutes: { type: "string", default: "20" },
  },
});
const seconds = Number(values.minutes) * 60;

type Counts = { calls: number; sound: number; lost: number; comings: number; pages: number };

type Soaked = {
  readonly pid: number;
  readonly folder: string;
  readonly calls: readonly (readonly Invitation[])[];
  readonly counts: Counts;
  isOver: boolean;
};

/** Calls of four talk, one after another, by links of their own. */
async function talk(soaked: Soaked): Promise<void> {
  const file = join(soaked.folder, "links.json");
  for (let round = 0; !soaked.isOver; round += 1) {
    const first = (round % ROUNDS_OF_LINKS) * AT_A_TIME;
    await writeFile(file, JSON.stringify(soaked.calls.slice(first, first + AT_A_TIME).flat()));
    const options = [
      "--json",
      "--calls",
      `${AT_A_TIME}`,
      "--seconds",
      `${TALK_S}`,
      "--links",
      file,
    ];
    const { stdout } = await promisify(execFile)(PROGRAM, ["loadtest", ...options]);
    const { sound } = JSON.parse(stdout) as { sound: { expected: number; lost: number } };
    soaked.counts.calls += AT_A_TIME;
    soaked.counts.sound += sound.expected;
    soaked.counts.lost += sound.lost;
  }
}

/** Somebody joins, does so again on another device, and leaves. */
async function comeAndGo(invitation: Invitation, offer: string): Promise<void> {
  const first = await ProtocolClient.join(invitation, offer);
  await first.untilHeard("joined");
  const second = await ProtocolClient.join(invitation, offer);
  await second.untilHeard("joined");
  await until("the first is replaced", () => first.closed !== undefined);
  second.say({ type: "leave" });
  await until("the second has left", () => second.closed !== undefined);
}

async function comings(soaked: Soaked): Promise<void> {
  const offer = await anOffer();
  const people = soaked.calls.slice(-COMING_AND_GOING).flatMap((call) => call.slice(0, 4));
  for (let number = 0; !soaked.isOver; number += 1) {
    const invitation = people[number % people.length];
    assert.ok(invitation, "there are links");
    await comeAndGo(invitation, offer);
    soaked.counts.comings += 1;
    await pause(COME_EVERY_MS);
  }
}

/** Sessions begin and end until the program remembers no more of them; everybody's, for no link joins some 200 times in a row. */
async function fill(soaked: Soaked): Promise<void> {
  const offer = await anOffer();
  const people = soaked.calls.flatMap((call) => call.slice(0, 4));
  let left = REMEMBERED;
  const comeOne = async (_: unknown, at: number) => {
    for (let number = at; left > 0; number += FILLING) {
      left -= 1;
      const invitation = people[number % people.length];
      assert.ok(invitation, "there are links");
      const client = await ProtocolClient.join(invitation, offer);
      await client.untilHeard("joined");
      client.say({ type: "leave" });
      await until("they have left", () => client.closed !== undefined);
    }
  };
  await Promise.all(Array.from({ length: FILLING }, comeOne));
}

/** Pages are asked for, as parents and guests do on an evening. */
async function pages(soaked: Soaked): Promise<void> {
  const parents = soaked.calls.flat().filter(({ role }) => role === "parent");
  const [{ url } = { url: "" }] = parents;
  const { origin } = new URL(url);
  const api = new Api(origin);
  for (let number = 0; !soaked.isOver; number += 1) {
    const parent = parents[number % parents.length];
    assert.ok(parent, "there are parents");
    const page = await fetch(parent.url.replace(/#.*/, ""));
    assert.equal(page.status, 200, await page.text());
    for (const path of ["", "/parent", "/slots"]) {
      const { status, body } = await api.by(linkOf(parent.url), path);
      assert.equal(status, 200, body);
    }
    soaked.counts.pages += 4;
    await pause(PAGE_EVERY_MS);
  }
  api.close();
}

/** What the program holds, KiB, from now until all is over. */
async function watch(soaked: Soaked): Promise<{ held: number[]; files: number[] }> {
  const [held, files]: [number[], number[]] = [[], []];
  while (!soaked.isOver) {
    held.push(await resident(soaked.pid, "own"));
    files.push((await readdir(`/proc/${soaked.pid}/fd`)).length);
    await pause(LOOK_EVERY_MS);
  }
  return { held, files };
}

/** The evening goes on for days, so that whoever likes may look for so long. */
function lengthen(folder: string): void {
  const records = new DatabaseSync(join(folder, "homeroom.sqlite"), { timeout: 5_000 });
  const end = Date.now() + 7 * 86_400_000;
  records.prepare("UPDATE evenings SET end_at = ?").run(end);
  records.prepare("UPDATE bookings SET end_at = ?").run(end);
  records.close();
}

const folder = await mkdtemp(join(tmpdir(), "homeroom-soak-"));
const data = join(folder, "data");
const count = AT_A_TIME * ROUNDS_OF_LINKS + COMING_AND_GOING;
const demo = ["demo", "--json", "--calls", `${count}`, "--data", data, "--listen", "127.0.0.1:0"];
const server = spawn(PROGRAM, demo, {
  stdio: ["ignore", "pipe", "pipe"],
  // All come from one address, and while it is filled at once.
  env: {
    ...process.env,
    HOMEROOM__LIMITS__JOINS_PER_LINK_PER_MIN: "1000000",
    HOMEROOM__LIMITS__JOINS_PER_ADDRESS_PER_MIN: "1000000",
  },
});
let said = "";
let log = "";
server.stdout.setEncoding("utf8").on("data", (text: string) => {
  said += text;
});
server.stderr.setEncoding("utf8").on("data", (text: string) => {
  log += text;
});
const counts: Counts = { calls: 0, sound: 0, lost: 0, comings: 0, pages: 0 };
let found: { held: number[]; files: number[] } | undefined;
try {
  await until("the program prints its links", () => said.endsWith("]\n"));
  lengthen(data);
  const all = JSON.parse(said) as Invitation[];
  const calls = Array.from({ length: count }, (_, at) =>
    all.slice(at * OF_A_CALL, (at + 1) * OF_A_CALL),
  );
  const soaked: Soaked = { pid: server.pid ?? 0, folder, calls, counts, isOver: false };
  await fill(soaked);
  const over = pause(seconds * 1_000).then(() => {
    soaked.isOver = true;
  });
  const [seen] = await Promise.all([
    watch(soaked),
    talk(soaked),
    comings(soaked),
    pages(soaked),
    over,
  ]);
  found = seen;
} finally {
  const ended = once(server, "exit");
  server.kill("SIGINT");
  await ended;
  await rm(folder, { recursive: true });
}
assert.equal(server.exitCode, 0, log);
assert.doesNotMatch(log, /panicked/);
const from = Math.floor(found.held.length * WARM);
const perHour = (of: readonly number[]): Line => slope(of.slice(from), LOOK_EVERY_MS / 3_600_000);
const memory = perHour(found.held);
const figures = {
  minutes: Number(values.minutes),
  ...counts,
  held_kib: { first: found.held[from], last: found.held.at(-1), most: Math.max(...found.held) },
  kib_per_hour: Math.round(memory.slope),
  error: Math.round(memory.error),
  files_per_hour: Math.round(perHour(found.files).slope * 10) / 10,
};
console.log(values.json ? JSON.stringify(figures) : figures);
if (memory.slope > 2 * memory.error) {
  console.error("its memory grows");
  process.exitCode = 1;
}
