/**
 * What becomes of calls where a part of a cluster fails: three real nodes, each on a machine of its own (a network
 * namespace), a real PostgreSQL and a real Redis on another, and one balancer before them (`harness/balancer.ts`), by
 * which everybody comes. In each call four talk (`homeroom loadtest --vigil`: real ICE, DTLS and SRTP, sound alone) and a
 * fifth waits. They come back by themselves as PROTOCOL.md has it, by the balancer, to whichever node.
 *
 *     node bench/failover.ts [--json] [--rounds N] [--fault NAME] [--calls N] [--away S] [--stopped S] [--long] [--logs DIR]
 *
 * A line for each fault: `{"fault", "p95_ms", "bar_ms", "violations", "rounds", "round_ms"}`, the last one how long
 * a round took. The time of each, and its bar:
 *
 * - owner killed: the node with most people is killed (SIGKILL), and begun again after the round. From the kill until each
 *   who was touched hears others again, or waits again where they waited. 12 s.
 * - owner stopped and woken: it stands still for `--stopped` (60 s), and goes on. From then until it has sent its last
 *   datagram. 1 s: its first task is to find out.
 * - partition: it is cut off from PostgreSQL, Redis and the other nodes, and people reach it still. From the cut until it has
 *   sent its last datagram. 6 s: it is to stop 5 s after it was last heard, and nobody may take its meetings before 6 s.
 * - redis killed, redis stopped, redis failed over, redis flushed: killed for `--away` (20 s), or stopped without a word for
 *   as long, or replaced at once by one that knows nothing, or emptied. From its return until every node is heard in it, and
 *   says that it is well. 5 s.
 * - postgresql away: by turns it stands still and is killed, for `--away`, 300 s with `--long`. How soon a press on Join is
 *   told that it cannot be just now. 3 s.
 * - drain: the node with most people is drained (SIGUSR1) while new meetings are brought to it; its own are not over, and move at
 *   its deadline (15 s). For how long nobody was heard by each who moved. 3 s.
 * - rolling restart: each node is ended and begun again, one after another, under 100 calls (`--calls`). From the end of a node
 *   until each who was touched hears others again. 5 s, as for a restart of a server on its own.
 * - link removed: a guest sits in each of 60 calls, Redis stands still, and each parent withdraws theirs at a node of three by
 *   turns. From the withdrawal until the guest is told that it is over and their socket is closed, p99. 1 s.
 * - last seats raced: a member of a room and 31 guests press Join at once, half of them at each of two nodes. From the press
 *   until somebody is told that the call is full, p99. 500 ms.
 *
 * What is counted as a violation, in each of them:
 *
 * - more than four of one call are heard within a tenth of a second, or hold a seat by what they were told;
 * - when all is steady again, somebody has another seat than before, or sees others in other slots, or waits at another
 *   place; or it is not steady within 90 s;
 * - a call that was not to be touched is: a socket or a connection of anybody is lost, or nobody is heard by somebody for more
 *   than 200 ms (while Redis or PostgreSQL is away, after a node that stood still has been woken, and before the deadline of a
 *   node that is drained);
 * - a node that is drained takes a new meeting, or ends with anything but 0;
 * - a press on Join fails while Redis is away or a node is drained; or succeeds in no way or is refused by anything but 503 while PostgreSQL is; or
 *   fails still 5 s after it is back;
 * - a node ends that should not, or is not well when all is over;
 * - of 32 presses more or fewer than four have a seat, or somebody is told neither, or is told and then closed; or somebody is
 *   still in the room 30 s after all have left.
 *
 * Every violation is said on standard error.
 */

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Api, attempt, linkOf, type Made, withdraw } from "../harness/api.ts";
import { Cluster, DRAIN_S, type Member } from "../harness/cluster.ts";
import { Presser } from "../harness/presser.ts";
import type { Invitation } from "../harness/program.ts";
import { askTicket, NOTHING_SENT, ProtocolClient } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { until } from "../harness/until.ts";
import { Vigil } from "../harness/vigil.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string" },
    fault: { type: "string" },
    calls: { type: "string" },
    away: { type: "string" },
    stopped: { type: "string", default: "60" },
    long: { type: "boolean", default: false },
    logs: { type: "string" },
  },
});

/** The people of a call. */
const PEOPLE = 5;
/** The calls of all faults but the rolling restart. */
const CALLS = 6;
const UNTOUCHED_MS = 200;
const WELL_MS = 5_000;
const AWAY_S = 20;
const LONG_AWAY_S = 300;

/** What was found of a fault. */
class Found {
  /** Milliseconds. */
  readonly took: number[] = [];
  violations = 0;

  /** Each of these is one violation. */
  blame(...violations: readonly string[]): void {
    this.violations += violations.length;
    for (const violation of violations) {
      console.error(`  violation: ${violation}`);
    }
  }
}

type Fault = {
  readonly bar: number;
  readonly rounds: number;
  readonly calls: number;
  /** The share of times that is to be within the bar. */
  readonly share?: number;
  readonly play: (cluster: Cluster, rounds: number, found: Found) => Promise<void>;
};

const awayMs = 1_000 * Number(values.away ?? (values.long ? LONG_AWAY_S : AWAY_S));

/** What must hold of all people when a fault is over. */
async function settle(
  { vigil, cluster, found }: Watched,
  before: ReturnType<Vigil["stands"]>,
  since: number,
): Promise<void> {
  if (!(await vigil.untilSteady(since))) {
    found.blame("after 90 s not everybody is in a place and heard");
  }
  found.blame(...vigil.moved(before), ...vigil.fifths.splice(0));
  await endsWell(cluster, found);
}

/** All are well soon after, or each that is not says what it lacks. */
async function endsWell(cluster: Cluster, found: Found): Promise<void> {
  await until("all are well", () => cluster.isWell(), WELL_MS).catch(async () => {
    const said = await cluster.ailments().catch((error: unknown) => [`${error}`]);
    found.blame(`a node is not well when it is over: ${said.join("; ")}`);
  });
}

type Watched = { readonly cluster: Cluster; readonly vigil: Vigil; readonly found: Found };

/** Nobody was to notice anything since `at`. */
function untouched({ vigil, found }: Watched, at: number): void {
  const touched = vigil.since(at, "lost", "renews", "over");
  found.blame(...touched.map(({ who, is }) => `${who} is told: ${is}`));
  for (const [who, silence] of vigil.silences(at)) {
    if (silence > UNTOUCHED_MS) {
      found.blame(`nothing came to somebody who sits (${who}) for ${silence} ms`);
    }
  }
}

/** People sit in their calls for so many rounds of this. */
async function underCalls(
  cluster: Cluster,
  found: Found,
  rounds: number,
  round: (watched: Watched, number: number) => Promise<void>,
  spare = 0,
): Promise<void> {
  const inCalls = cluster.invitations.slice(0, cluster.invitations.length - spare * PEOPLE);
  const vigil = await Vigil.begin(inCalls, PEOPLE);
  try {
    for (let number = 0; number < rounds; number += 1) {
      await round({ cluster, vigil, found }, number);
    }
  } finally {
    if (values.logs !== undefined) {
      const words = vigil.words.map((word) => JSON.stringify(word)).join("\n");
      await writeFile(join(values.logs, "words.jsonl"), words);
    }
    await vigil.end();
    if (vigil.complaints !== "") {
      console.error(vigil.complaints.trimEnd());
    }
  }
}

async function killed(watched: Watched): Promise<void> {
  const { cluster, vigil, found } = watched;
  const before = vigil.stands();
  const { node } = await cluster.busiest();
  const at = Date.now();
  await node.kill();
  await vigil.untilSteady(at + UNTOUCHED_MS);
  found.took.push(...vigil.back(at));
  await node.start();
  await settle(watched, before, Date.now());
}

/** Does this, and looks for so long at what its machine sends: until when it has sent anything, ms. */
async function lastSent(
  { machine }: Member,
  deed: () => void | Promise<void>,
  forMs: number,
): Promise<number> {
  let before = await machine.sent();
  const at = Date.now();
  await deed();
  let last = at;
  while (Date.now() < at + forMs) {
    await pause(20);
    const now = await machine.sent();
    if (now > before) {
      last = Date.now();
    }
    before = now;
  }
  return last - at;
}

async function stoppedAndWoken(watched: Watched): Promise<void> {
  const { cluster, vigil, found } = watched;
  const before = vigil.stands();
  const owner = await cluster.busiest();
  const at = Date.now();
  owner.node.freeze();
  await pause(1_000 * Number(values.stopped));
  if (!vigil.isSteady(at)) {
    found.blame(`not everybody is back ${values.stopped} s after the owner stood still`);
  }
  const back = vigil.back(at);
  console.error(`back without the owner after ${Math.max(0, ...back)} ms`);
  const woken = Date.now();
  found.took.push(await lastSent(owner, () => owner.node.wake(), 5_000));
  untouched(watched, woken);
  await until("it is one of them again", async () => {
    await cluster.beginAgain();
    return cluster.isWell();
  });
  await settle(watched, before, Date.now());
}

async function cutOff(watched: Watched): Promise<void> {
  const { cluster, vigil, found } = watched;
  const before = vigil.stands();
  const owner = await cluster.busiest();
  const at = Date.now();
  found.took.push(await lastSent(owner, () => owner.machine.cut(), 30_000));
  if (!(await vigil.untilSteady(at))) {
    found.blame("not everybody is back while the owner is cut off");
  }
  console.error(`back without the owner after ${Math.max(0, ...vigil.back(at))} ms`);
  await owner.machine.mend();
  const mended = Date.now();
  // Its service begins it anew where it finds that it is held to be gone.
  await until("it is one of them again", async () => {
    await cluster.beginAgain();
    return cluster.isWell();
  });
  found.blame(
    ...vigil
      .since(mended, "over")
      .map(({ who, why }) => `${who}, once the network is mended: over, ${why}`),
  );
  await settle(watched, before, Date.now());
}

async function withoutRedis(
  watched: Watched,
  take: () => Promise<void>,
  giveBack: () => Promise<void>,
): Promise<void> {
  const { cluster, vigil, found } = watched;
  const before = vigil.stands();
  const presser = new Presser(cluster.invitations.slice(-PEOPLE));
  await pause(3_000);
  const at = Date.now();
  await take();
  const isBack = Date.now();
  await giveBack();
  await until("all are heard in Redis and well", async () => {
    return (await cluster.isInRedis()) && (await cluster.isWell());
  }).then(
    () => found.took.push(Date.now() - isBack),
    () => {
      found.took.push(Date.now() - isBack);
      found.blame("30 s after Redis is back not all are well and heard there");
    },
  );
  untouched(watched, at);
  await presser.end();
  for (const press of presser.found.filter(({ status }) => status !== 200)) {
    const when = press.at - at;
    found.blame(`a press ${when} ms after the fault: ${press.status} in ${press.took} ms`);
  }
  await settle(watched, before, Date.now());
}

async function redisKilled(watched: Watched): Promise<void> {
  const { redis } = watched.cluster;
  const take = async () => {
    await redis.kill();
    await pause(awayMs);
  };
  await withoutRedis(watched, take, () => redis.startAgain());
}

async function redisStopped(watched: Watched): Promise<void> {
  const { redis } = watched.cluster;
  const take = async () => {
    redis.freeze();
    await pause(awayMs);
  };
  await withoutRedis(watched, take, async () => redis.wake());
}

/** Another takes over at its address, which knows nothing of what was said to the one before. */
async function redisFailedOver(watched: Watched): Promise<void> {
  const { redis } = watched.cluster;
  await withoutRedis(
    watched,
    () => redis.kill(),
    () => redis.startAgain(),
  );
}

async function redisFlushed(watched: Watched): Promise<void> {
  const { redis } = watched.cluster;
  await withoutRedis(
    watched,
    async () => undefined,
    () => redis.flush(),
  );
}

async function postgresAway(watched: Watched, round: number): Promise<void> {
  const { cluster, vigil, found } = watched;
  const { postgres } = cluster;
  const before = vigil.stands();
  const presser = new Presser(cluster.invitations.slice(-PEOPLE));
  await pause(3_000);
  const at = Date.now();
  const standsStill = round % 2 === 0;
  await (standsStill ? postgres.freeze() : postgres.kill());
  await pause(awayMs);
  const given = Date.now();
  await (standsStill ? postgres.wake() : postgres.startAgain());
  const heals = async () => (await cluster.isWell()) && presser.isLetIn(given);
  await until("all are well and join", heals, WELL_MS).catch(() =>
    found.blame(`${WELL_MS} ms after PostgreSQL is back not all is well, or nobody joins`),
  );
  untouched(watched, at);
  await presser.end();
  const refused = presser.found.filter((press) => press.at > at && press.at < given - 3_000);
  found.took.push(...refused.map(({ took }) => took));
  for (const { at: when, status, took } of refused.filter((press) => press.status !== 503)) {
    found.blame(`a press ${when - at} ms after the fault: ${status} in ${took} ms`);
  }
  await settle(watched, before, Date.now());
}

async function drained(watched: Watched): Promise<void> {
  const { cluster, vigil, found } = watched;
  const before = vigil.stands();
  const { node, name } = await cluster.busiest();
  const at = Date.now();
  node.drain();
  await until("it is drained", () => / this node takes no new meetings.*\n$/s.test(node.log));
  const said = node.log.length;
  // New meetings are brought to it too: the balancer knows of nothing.
  const presser = new Presser(cluster.invitations.slice(-PEOPLE));
  const deadline = at + 1_000 * DRAIN_S;
  await pause(deadline - 1_000 - Date.now());
  // Nobody is new in the meetings that it has.
  const came = node.log.slice(said).match(/ joined call=\d+/g) ?? [];
  found.blame(...came.map((one) => `${name} is drained, and somebody has${one}`));
  untouched(watched, at);
  const code = await node.untilEnded();
  if (code !== 0) {
    found.blame(`${name} has ended with ${code}`);
  }
  await presser.end();
  await vigil.untilSteady(Date.now());
  const moved = new Set(vigil.since(deadline - 1_000, "lost", "renews").map(({ who }) => who));
  const silences = vigil.silences(deadline - 1_000);
  found.took.push(...[...moved].flatMap((who) => silences.get(who) ?? []));
  const failed = presser.found.filter((press) => press.status !== 200);
  found.blame(...failed.map(({ status, took }) => `a press on Join: ${status} in ${took} ms`));
  await node.start();
  await settle(watched, before, Date.now());
}

async function restarted(watched: Watched): Promise<void> {
  const { cluster, vigil, found } = watched;
  for (const { node, name } of cluster.members) {
    const before = vigil.stands();
    const at = Date.now();
    await node.end();
    await node.start();
    await settle(watched, before, at + UNTOUCHED_MS);
    found.took.push(...vigil.back(at));
    const over = vigil.since(at, "over");
    found.blame(...over.map(({ who, why }) => `${who}, at ${name}'s end: over, ${why}`));
  }
}

/** Whoever makes rooms: the office, and its own account among the staff. */
type Host = { readonly api: Api; readonly own: string };

async function host(cluster: Cluster): Promise<Host> {
  const setup = await until("there is a link", () => cluster.members.at(-1)?.node.setUpLink);
  const api = new Api(new URL(setup).origin);
  const { email } = await api.setUp(setup);
  const { members } = await api.get<{ members: (Made & { email: string })[] }>("/members");
  const own = members.find((member) => member.email === email);
  assert.ok(own, "the office's account is one of the staff");
  return { api, own: own.id };
}

/** A new room, and so many people of it, a member first. */
async function inRoom({ api, own }: Host, name: string, count: number): Promise<Invitation[]> {
  await api.make("/rooms", { name, members: [own] });
  const { rooms } = await api.get<{ rooms: (Made & { name: string; url: string })[] }>("/rooms");
  const room = rooms.find((one) => one.name === name);
  assert.ok(room, "the room is there");
  const entered = await api.done("POST", `/staff/rooms/${room.id}/enter`);
  const { url } = JSON.parse(entered.body) as { url: string };
  const all: Invitation[] = [{ name: "Member", role: "member", url }];
  for (let number = 1; number < count; number += 1) {
    const guest = `Guest ${number}`;
    const came = { name: guest, attempt: attempt() };
    const answer = await api.by(linkOf(room.url), "/visitors", came);
    assert.equal(answer.status, 200, answer.body);
    const { path } = JSON.parse(answer.body) as { path: string };
    all.push({ name: guest, role: "guest", url: new URL(path, room.url).href });
  }
  return all;
}

const RACERS = 32;
const LONGEST_PRESS_MS = 30_000;
/** After how many rounds there is a new room: nobody joins by one link some 200 times in a row. */
const ROUNDS_OF_ROOM = 150;

async function raced(cluster: Cluster, rounds: number, found: Found): Promise<void> {
  // Each connection goes to the other of two.
  cluster.balancer.takeOut(2);
  const office = await host(cluster);
  let racers: Invitation[] = [];
  const offer = await anOffer();
  const steps: { hasTicket: number; isOpen: number; took: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % ROUNDS_OF_ROOM === 0) {
      racers = await inRoom(office, `Race ${round}`, RACERS);
    }
    const presses = await Promise.allSettled(racers.map((racer) => raceOnce(racer, offer)));
    const clients = presses.flatMap((press) => (press.status === "fulfilled" ? [press.value] : []));
    steps.push(...clients.map(({ hasTicket, isOpen, took }) => ({ hasTicket, isOpen, took })));
    const seated = clients.filter(({ client }) => client.last("joined") !== undefined);
    const full = clients.filter(({ client }) => client.last("joined") === undefined);
    found.took.push(...full.map(({ took }) => took));
    const lost = clients.filter(({ client }) => client.closed !== undefined);
    found.blame(...lost.map(({ client }) => `told, then closed with ${client.closed?.code}`));
    const again = clients.filter(({ answers }) => answers.length > 0);
    if (again.length > 0) {
      const why = again.flatMap(({ answers }) => answers).join(", ");
      console.error(`round ${round + 1}: ${again.length} had to press again (${why})`);
    }
    const failed = presses.filter((press) => press.status === "rejected");
    found.blame(...failed.map(({ reason }) => `told neither: ${reason}`));
    if (seated.length !== 4) {
      found.blame(`${seated.length} of ${RACERS} have a seat`);
    }
    // Who waits leaves first, so that nobody is let in by that.
    for (const { client } of [...full, ...seated]) {
      client.say({ type: "leave" });
    }
    await until("the room is empty", async () => {
      assert.deepEqual(await left(cluster), [0, 0, 0, 0, 0, 0]);
      return true;
    }).catch((error: unknown) => {
      const codes = clients.map(({ client }) => `${client.closed?.code ?? "open"}`);
      found.blame(`30 s after all have left somebody is there; sockets: ${codes.join(" ")}`);
      throw error;
    });
    for (const { client } of clients) {
      client.close();
    }
  }
  office.api.close();
  const median = (what: (one: (typeof steps)[number]) => number) => quantile(steps.map(what), 0.5);
  console.error(
    `the half of all: a ticket after ${median((it) => it.hasTicket)} ms, a socket after ` +
      `${median((it) => it.isOpen)} ms, a word after ${median((it) => it.took)} ms`,
  );
}

/** How many sit and how many wait, at each node. */
function left(cluster: Cluster): Promise<number[]> {
  const names = ["homeroom_seats_taken", "homeroom_people_waiting"];
  const asked = cluster.members.flatMap(({ node }) =>
    names.map((name) => cluster.figure(node, name)),
  );
  return Promise.all(asked);
}

/** How long a page waits before each try to come in; the last one again and again. */
const PAUSES_MS = [0, 300, 1_200, 2_000] as const;

/** One press on Join, which is made again as a page makes it where the socket is closed; and why, and when what. */
async function raceOnce(racer: Invitation, offer: string) {
  const press = attempt();
  const began = performance.now();
  const answers: string[] = [];
  for (let tries = 0; performance.now() - began < LONGEST_PRESS_MS; tries += 1) {
    await pause(PAUSES_MS[tries] ?? PAUSES_MS.at(-1));
    const granted = await askTicket(racer, press);
    const { ticket } = (await granted.json()) as { ticket?: string };
    if (ticket === undefined) {
      answers.push(`${granted.status}`);
      continue;
    }
    const hasTicket = performance.now() - began;
    const client = await ProtocolClient.connect(racer);
    const isOpen = performance.now() - began;
    client.say({ type: "join", ticket, offer, sends: NOTHING_SENT });
    const isTold = () => client.last("joined") ?? client.last("queued");
    await until("a word", () => isTold() ?? client.closed);
    const word = isTold();
    if (word !== undefined) {
      return { client, took: word.at - began, answers, hasTicket, isOpen };
    }
    answers.push(`closed with ${client.closed?.code}`);
  }
  throw new Error(`not let in within ${LONGEST_PRESS_MS} ms: ${answers.join(", ")}`);
}

/** As a page has it, at this node. */
function at({ node }: Member, { url }: Invitation): string {
  const { pathname, hash } = new URL(url);
  return new URL(`${pathname}${hash}`, node.origin).href;
}

async function removed(cluster: Cluster, rounds: number, found: Found): Promise<void> {
  const offer = await anOffer();
  const calls = Array.from({ length: cluster.invitations.length / PEOPLE }, (_, number) =>
    cluster.invitations.slice(number * PEOPLE, (number + 1) * PEOPLE),
  );
  for (let round = 0; round < rounds; round += 1) {
    // Whoever is withdrawn has no link any more.
    const some = calls.slice(
      (round * calls.length) / rounds,
      ((round + 1) * calls.length) / rounds,
    );
    const clients = await Promise.all(
      some.map(async (call) => {
        const guest = call.findLast(({ role }) => role === "guest");
        const parent = call.find(({ role }) => role === "parent");
        assert.ok(guest && parent, "a parent has invited a guest to each");
        const client = await ProtocolClient.join(guest, offer);
        await client.untilHeard("joined");
        return { client, guest, parent };
      }),
    );
    cluster.redis.freeze();
    try {
      for (const [number, { client, guest, parent }] of clients.entries()) {
        const by = cluster.members[number % cluster.members.length];
        assert.ok(by, "there are nodes");
        const began = performance.now();
        await withdraw(at(by, parent), guest.name);
        const closed = await until("it ends", () => client.closed);
        found.took.push(closed.at - began);
      }
    } finally {
      cluster.redis.wake();
    }
    await endsWell(cluster, found);
  }
}

/** A fault under calls, so many times. */
function under(
  round: (watched: Watched, number: number) => Promise<void>,
  spare = 0,
): Fault["play"] {
  return (cluster, rounds, found) => underCalls(cluster, found, rounds, round, spare);
}

const FAULTS: Readonly<Record<string, Fault>> = {
  "owner killed": { bar: 12_000, rounds: 5, calls: CALLS, play: under(killed) },
  "owner stopped and woken": { bar: 1_000, rounds: 1, calls: CALLS, play: under(stoppedAndWoken) },
  partition: { bar: 6_000, rounds: 2, calls: CALLS, play: under(cutOff) },
  "redis killed": { bar: 5_000, rounds: 2, calls: CALLS, play: under(redisKilled, 1) },
  "redis stopped": { bar: 5_000, rounds: 2, calls: CALLS, play: under(redisStopped, 1) },
  "redis failed over": { bar: 5_000, rounds: 3, calls: CALLS, play: under(redisFailedOver, 1) },
  "redis flushed": { bar: 5_000, rounds: 5, calls: CALLS, play: under(redisFlushed, 1) },
  "postgresql away": { bar: 3_000, rounds: 2, calls: CALLS, play: under(postgresAway, 1) },
  drain: { bar: 3_000, rounds: 3, calls: CALLS, play: under(drained, 1) },
  "rolling restart": {
    bar: 5_000,
    rounds: 1,
    calls: Number(values.calls ?? 100),
    play: under(restarted),
  },
  "link removed": { bar: 1_000, rounds: 2, calls: 60, share: 0.99, play: removed },
  "last seats raced": { bar: 500, rounds: 20, calls: 1, share: 0.99, play: raced },
};

function quantile(took: readonly number[], share: number): number | null {
  const sorted = took.toSorted((one, other) => one - other);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value);
}

async function play(name: string, { bar, rounds: usual, calls, share, play: its }: Fault) {
  const rounds = Number(values.rounds ?? usual);
  const found = new Found();
  const cluster = new Cluster();
  interrupted = () => cluster.clear();
  let began = performance.now();
  let took = 0;
  try {
    await cluster.set(calls);
    began = performance.now();
    await its(cluster, rounds, found);
  } catch (error) {
    console.error(error);
    found.blame(`it could not be played to its end: ${error}`);
  } finally {
    took = performance.now() - began;
    if (values.logs !== undefined) {
      for (const { node, name: who } of cluster.members) {
        await writeFile(join(values.logs, `${name.replaceAll(" ", "-")}-${who}.log`), node.log);
      }
    }
    await cluster.clear();
  }
  return {
    fault: name,
    p95_ms: quantile(found.took, share ?? 0.95),
    bar_ms: bar,
    violations: found.violations,
    rounds,
    round_ms: Math.round(took / rounds),
  };
}

let interrupted = async (): Promise<void> => undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void interrupted().finally(() => process.exit(130));
  });
}

const { fault } = values;
assert.ok(
  fault === undefined || fault in FAULTS,
  `--fault is one of: ${Object.keys(FAULTS).join(", ")}`,
);
if (values.logs !== undefined) {
  await mkdir(values.logs, { recursive: true });
}
for (const [name, how] of Object.entries(FAULTS)) {
  if (fault !== undefined && fault !== name) {
    continue;
  }
  const line = await play(name, how);
  if (values.json) {
    console.log(JSON.stringify(line));
  } else {
    const time = `${line.p95_ms} ms (bar ${line.bar_ms})`;
    console.log(`${name}: ${time}, ${line.violations} violations in ${line.rounds} rounds`);
  }
  if (line.violations > 0 || line.p95_ms === null || line.p95_ms > line.bar_ms) {
    process.exitCode = 1;
  }
}
